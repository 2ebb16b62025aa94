/**
 * GMP by itself: `mpz_fib_ui` and `mpz_get_str`, called from Deno. Nothing of what is timed is ours but two
 * calls and the memory for the digits.
 *
 * @module
 */

/** GMP by the names it has on Linux and macOS. */
export const LIBRARIES = ["libgmp.so.10", "libgmp.10.dylib", "/opt/homebrew/lib/libgmp.dylib"];

/** Loads GMP. @throws If it is not found. */
export function load() {
  for (const name of LIBRARIES) {
    try {
      return Deno.dlopen(name, {
        __gmpz_init: { parameters: ["buffer"], result: "void" },
        __gmpz_fib_ui: { parameters: ["buffer", "usize"], result: "void" },
        __gmpz_sizeinbase: { parameters: ["buffer", "i32"], result: "usize" },
        __gmpz_get_str: { parameters: ["buffer", "i32", "buffer"], result: "pointer" },
        __gmpz_clear: { parameters: ["buffer"], result: "void" },
      });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
  }
  throw new Error(`None of ${LIBRARIES.join(", ")} can be loaded`);
}

/** `sizeof(mpz_t)`: two ints and a pointer. */
const MPZ_BYTES = 16;

let gmp: ReturnType<typeof load>["symbols"] | undefined;

/** The digits of F(n), as GMP writes them. */
export function digits(n: number): Uint8Array {
  gmp ??= load().symbols;
  const value = new Uint8Array(MPZ_BYTES);
  gmp.__gmpz_init(value);
  gmp.__gmpz_fib_ui(value, BigInt(n));
  // May be one digit too many; then comes the end of the string.
  const text = new Uint8Array(Number(gmp.__gmpz_sizeinbase(value, 10)) + 2);
  gmp.__gmpz_get_str(text, 10, value);
  gmp.__gmpz_clear(value);
  return text.subarray(0, text.indexOf(0, text.length - 3));
}
