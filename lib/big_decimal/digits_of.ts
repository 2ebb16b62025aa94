import type { Checkpoint } from "./checkpoint.ts";
import { normalize, toAscii } from "./limbs.ts";
import { residuesOf } from "./residues.ts";

/**
 * Writes out a number that {@linkcode Convolution} has left as balanced limbs, if it is right. The limbs are normalized
 * meanwhile.
 *
 * @param limbs The lowest first.
 * @param width Digits in a limb.
 * @param residues What the number must be modulo each of {@linkcode PRIMES}.
 * @returns The digits in ASCII, in a buffer that holds nothing else; nothing if the number is below 0, too large for
 * its limbs, or has other residues.
 */
export function digitsOf(
  limbs: Int32Array,
  width: number,
  residues: readonly number[],
  checkpoint: Checkpoint,
): Uint8Array<ArrayBuffer> | undefined {
  const base = 10 ** width;
  if (!normalize(limbs, base, checkpoint)) return;
  const top = Math.max(0, limbs.findLastIndex((limb) => limb !== 0));
  const number = limbs.subarray(0, top + 1);
  if (residuesOf(number, base, checkpoint).some((residue, i) => residue !== residues[i])) return;
  return toAscii(number, width, top * width + String(number[top]).length, checkpoint);
}
