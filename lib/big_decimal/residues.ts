import type { Checkpoint } from "./checkpoint.ts";

/**
 * The two largest primes below 2^31 that 10 is a primitive root of: its powers at all places of a number
 * have residues of their own, so that no two equal errors cancel. A number that is wrong in any other way
 * has the right residues by a chance of 2^-62: the product of the primes divides one difference in so many.
 */
export const PRIMES = [2_147_483_629, 2_147_483_579] as const;

/** The residues of a number by its limbs, balanced or not, the lowest first, modulo each of the primes. */
export function residuesOf(
  limbs: Int32Array,
  base: number,
  checkpoint: Checkpoint,
): [number, number] {
  // As many products of a limb and a residue as surely add up to less than 2^53.
  const block = Math.floor(2 ** 22 / base);
  const [[powersP, blockP], [powersQ, blockQ]] = PRIMES.map((prime) => powers(base, block, prime));
  const [p, q] = PRIMES;
  let residueP = 0;
  let residueQ = 0;
  for (let at = (Math.ceil(limbs.length / block) - 1) * block; at >= 0; at -= block) {
    const end = Math.min(block, limbs.length - at);
    let sumP = 0;
    let sumQ = 0;
    for (let i = 0; i < end; i++) {
      const limb = limbs[at + i];
      sumP += limb * powersP[i];
      sumQ += limb * powersQ[i];
    }
    residueP = (timesModulo(residueP, blockP, p) + sumP % p) % p;
    residueQ = (timesModulo(residueQ, blockQ, q) + sumQ % q) % q;
    if (at % (block << 4) === 0) checkpoint();
  }
  return [(residueP + p) % p, (residueQ + q) % q];
}

/** The powers of the base below that of `count`, and that. */
function powers(base: number, count: number, p: number): [Float64Array, number] {
  const table = new Float64Array(count);
  let power = 1;
  for (let i = 0; i < count; i++, power = power * base % p) table[i] = power;
  return [table, power];
}

/** a * b mod p for residues of 31 bits, half of b at a time. */
function timesModulo(a: number, b: number, p: number): number {
  const high = Math.floor(b / 65_536);
  return (a * high % p * 65_536 + a * (b % 65_536)) % p;
}
