import type { Checkpoint } from "./checkpoint.ts";

/** Limbs between two checkpoints: some 0.1 ms. */
const STRETCH = 2 ** 15;

/**
 * Writes the limbs of a number, the lowest first, where there are zeros: balanced ones, from -base / 2 to base / 2,
 * one more than the digits fill at most.
 *
 * @param digits The number, ASCII digits alone.
 */
export function store(
  digits: string,
  width: number,
  limbs: Int32Array,
  at: number,
  checkpoint: Checkpoint,
): void {
  const base = 10 ** width;
  let carry = 0;
  for (let end = digits.length; end > 0; end -= width, at++) {
    let limb = 0;
    for (let i = Math.max(0, end - width); i < end; i++) {
      limb = 10 * limb + digits.charCodeAt(i) - 48;
    }
    limb += carry;
    carry = limb > base / 2 ? 1 : 0;
    limbs[at] = limb - carry * base;
    if (at % STRETCH === 0) checkpoint();
  }
  if (carry === 1) limbs[at] = 1;
}

/**
 * Makes limbs of balanced ones: all from 0 to base - 1, for the same number.
 *
 * @returns Whether the number fits, and is not negative.
 */
export function normalize(limbs: Int32Array, base: number, checkpoint: Checkpoint): boolean {
  let borrow = 0;
  for (let at = 0; at < limbs.length; at += STRETCH) {
    const end = Math.min(at + STRETCH, limbs.length);
    for (let i = at; i < end; i++) {
      const limb = limbs[i] + borrow;
      // All bits of a negative number's sign: -1, or 0.
      borrow = limb >> 31;
      limbs[i] = limb + (base & borrow);
    }
    checkpoint();
  }
  return borrow === 0;
}

/** Writes limbs of `width` digits, 0 or greater, in ASCII, the highest first, cut to `length` digits. */
export function toAscii(
  limbs: Int32Array,
  width: number,
  length: number,
  checkpoint: Checkpoint,
): Uint8Array<ArrayBuffer> {
  const digits = new Uint8Array(length);
  const view = new DataView(digits.buffer);
  const quads = quadTable();
  let i = Math.ceil(length / width) - 1;
  // The first limb and the last go by single digits: one may be cut short, behind the other is no room.
  let at = length - i * width;
  digits.set(characters(limbs[i], at));
  for (i--; i > 0;) {
    const end = Math.max(0, i - STRETCH);
    if (width === 4) {
      for (; i > end; i--, at += 4) view.setInt32(at, quads[limbs[i]], true);
    } else if (width === 5) {
      for (; i > end; i--, at += 5) {
        const quad = (limbs[i] / 10) | 0;
        view.setInt32(at, quads[quad], true);
        digits[at + 4] = 48 + limbs[i] - 10 * quad;
      }
    } else {
      // The fourth character is overwritten by the next limb's first.
      for (; i > end; i--, at += 3) view.setInt32(at, quads[limbs[i] * 10], true);
    }
    checkpoint();
  }
  if (i === 0) digits.set(characters(limbs[0], width), at);
  return digits;
}

function characters(limb: number, width: number): number[] {
  return Array.from(limb.toString().padStart(width, "0"), (digit) => digit.charCodeAt(0));
}

let quads: Int32Array | undefined;

/** The four digits of each number below 10,000 as the bytes of an integer, the first lowest. */
function quadTable(): Int32Array {
  if (quads) return quads;
  quads = new Int32Array(10_000);
  let i = 0;
  for (let a = 0x30; a < 0x3a; a++) {
    for (let b = 0x3000; b < 0x3a00; b += 0x100) {
      for (let c = 0x300000; c < 0x3a0000; c += 0x10000) {
        for (let d = 0x30000000; d < 0x3a000000; d += 0x1000000) quads[i++] = a + b + c + d;
      }
    }
  }
  return quads;
}
