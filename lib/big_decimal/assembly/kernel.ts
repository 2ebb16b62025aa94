// @ts-nocheck: AssemblyScript, whose vector types TypeScript does not know.

/**
 * `Kernel` for WebAssembly, loop by loop; see there. What comes in counts doubles or limbs, as the
 * interface says; pointers here count bytes.
 *
 * A pass is chosen by its radix: calls cost 10 ns more, and 8 imports less.
 */

import { forward2, forward3, forward4, forward5 } from "./forward.ts";
import { inverse2, inverse3, inverse4, inverse5 } from "./inverse.ts";

export { multiply, multiplyAndSquare } from "./products.ts";
export { carry, split } from "./limbs.ts";

const SQRT_HALF: f64 = 0.7071067811865476;

export function forward(radix: i32, at: usize, m: usize, nodes: i32, twiddles: usize): void {
  if (radix === 4) forward4(at << 3, m << 5, nodes, twiddles << 3);
  else if (radix === 5) forward5(at << 3, m << 5, nodes, twiddles << 3);
  else if (radix === 3) forward3(at << 3, m << 5, nodes, twiddles << 3);
  else forward2(at << 3, m << 5, nodes, twiddles << 3);
}

export function inverse(radix: i32, at: usize, m: usize, nodes: i32, twiddles: usize): void {
  if (radix === 4) inverse4(at << 3, m << 5, nodes, twiddles << 3);
  else if (radix === 5) inverse5(at << 3, m << 5, nodes, twiddles << 3);
  else if (radix === 3) inverse3(at << 3, m << 5, nodes, twiddles << 3);
  else inverse2(at << 3, m << 5, nodes, twiddles << 3);
}

export function copy(
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
  rows: i32,
  width: usize,
): void {
  from <<= 3;
  to <<= 3;
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < width << 5; i += 32) {
      v128.store(to + i, v128.load(from + i));
      v128.store(to + i, v128.load(from + i, 16), 16);
    }
    from += fromStride << 5;
    to += toStride << 5;
  }
}

export function merge(from: usize, to: usize, stride: usize, rows: i32, width: usize): void {
  const half = f64x2.splat(SQRT_HALF);
  const minus = f64x2(1, -1);
  from <<= 3;
  to <<= 3;
  for (let row = 0; row < rows; row++) {
    for (let i: usize = 0; i < width << 5; i += 32) {
      const re = v128.load(from);
      const im = v128.load(from, 16);
      // What were lanes become the pairs of a real and an imaginary part.
      const a = v128.shuffle<f64>(re, im, 0, 2);
      const b = v128.shuffle<f64>(re, im, 1, 3);
      const sum = f64x2.add(a, b);
      const difference = f64x2.sub(a, b);
      const swapped = v128.shuffle<f64>(difference, difference, 1, 0);
      const turned = f64x2.mul(half, f64x2.add(difference, f64x2.mul(minus, swapped)));
      v128.store(to + i, v128.shuffle<f64>(sum, turned, 0, 2));
      v128.store(to + i, v128.shuffle<f64>(sum, turned, 1, 3), 16);
      from += 32;
    }
    to += stride << 5;
  }
}

export function turn(common: usize, turns: usize, levels: i32, to: usize): void {
  common <<= 3;
  turns <<= 3;
  to <<= 3;
  for (let level = 0; level < levels; level++) {
    for (let node = 0; node < 1 << (2 * level); node++) {
      for (let power: usize = 0; power < 96; power += 32) {
        const c = v128.load64_splat(common);
        const s = v128.load64_splat(common, 8);
        const x = v128.load(turns + power);
        const y = v128.load(turns + power, 16);
        v128.store(to, f64x2.add(c, f64x2.relaxed_nmadd(s, y, f64x2.mul(c, x))));
        v128.store(to, f64x2.add(s, f64x2.relaxed_madd(c, y, f64x2.mul(s, x))), 16);
        common += 16;
        to += 32;
      }
    }
    turns += 96;
  }
}
