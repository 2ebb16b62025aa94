import type { Checkpoint } from "../checkpoint.ts";

/**
 * The two largest primes below 2^31. A wrong number has the right residues by a chance of 2^-62: their
 * product divides one number in so many.
 */
export const PRIMES = [2_147_483_647, 2_147_483_629] as const;

/** The residue of a number modulo p, by its limbs, the lowest first. */
export function residueOf(
  limbs: Int32Array,
  base: number,
  p: number,
  checkpoint: Checkpoint,
): number {
  // As many products of a limb and a residue as surely add up to less than 2^53.
  const block = Math.floor(2 ** 22 / base);
  const powers = new Float64Array(block);
  let power = 1;
  for (let i = 0; i < block; i++, power = power * base % p) powers[i] = power;
  let residue = 0;
  for (let at = (Math.ceil(limbs.length / block) - 1) * block; at >= 0; at -= block) {
    const end = Math.min(block, limbs.length - at);
    let sum = 0;
    for (let i = 0; i < end; i++) sum += limbs[at + i] * powers[i];
    residue = (timesModulo(residue, power, p) + sum % p) % p;
    if (at % (block << 4) === 0) checkpoint();
  }
  return residue;
}

/** a * b mod p for residues of 31 bits, half of b at a time. */
function timesModulo(a: number, b: number, p: number): number {
  const high = Math.floor(b / 65_536);
  return (a * high % p * 65_536 + a * (b % 65_536)) % p;
}

/** F(n) mod p, by doubling the index. */
export function fibonacciModulo(n: number, p: number): number {
  const modulus = BigInt(p);
  let [f, next] = [0n, 1n];
  for (const bit of n.toString(2)) {
    [f, next] = [f * (2n * next - f) % modulus, (f * f + next * next) % modulus];
    if (bit === "1") [f, next] = [next, (f + next) % modulus];
  }
  return Number((f + modulus) % modulus);
}
