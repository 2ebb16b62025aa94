import type { Heap, Kernel } from "./kernel.ts";
import { MODULE } from "./wasm_module.ts";

const PAGE_BYTES = 2 ** 16;

let compiled: WebAssembly.Module | undefined;
let supported: boolean | undefined;

/**
 * Whether this engine can run the loops. It can't where WebAssembly is missing, is forbidden by a content security
 * policy, or has no relaxed vectors (Safari, Firefox before 146). The first call compiles them: half a millisecond.
 */
export function isSupported(): boolean {
  if (supported === undefined) {
    try {
      wasmHeap(0);
      supported = true;
    } catch {
      supported = false;
    }
  }
  return supported;
}

/**
 * Makes a heap whose loops are in WebAssembly, of which `assembly/` has the source. The module is compiled
 * for the first one, which takes half a millisecond.
 *
 * @throws {WebAssembly.CompileError} If the engine knows no relaxed vectors, or may not compile.
 * @throws {ReferenceError} If it has no WebAssembly.
 * @throws {RangeError} If there is not enough memory.
 */
export function wasmHeap(bytes: number): Heap {
  // Not `Uint8Array.fromBase64()`, which is younger than the vectors.
  compiled ??= new WebAssembly.Module(
    Uint8Array.from(atob(MODULE), (character) => character.charCodeAt(0)),
  );
  const memory = new WebAssembly.Memory({ initial: Math.ceil(bytes / PAGE_BYTES) });
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const buffer = memory.buffer as ArrayBuffer;
  return {
    doubles: new Float64Array(buffer),
    integers: new Int32Array(buffer),
    kernel: exports as unknown as Kernel,
  };
}
