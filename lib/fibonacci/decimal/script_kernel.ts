import type { Heap, Kernel } from "./kernel.ts";
import * as butterflies from "./script_butterflies.ts";

const FORWARD = {
  2: butterflies.forward2,
  3: butterflies.forward3,
  4: butterflies.forward4,
  5: butterflies.forward5,
};
const INVERSE = {
  2: butterflies.inverse2,
  3: butterflies.inverse3,
  4: butterflies.inverse4,
  5: butterflies.inverse5,
};

/** The loops in JavaScript: for engines without WebAssembly, or without its vectors. */
export function scriptHeap(bytes: number): Heap {
  const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
  const doubles = new Float64Array(buffer);
  const integers = new Int32Array(buffer);
  const kernel: Kernel = {
    split: (limbs, h, offset, stride, rows, width, to) =>
      split(doubles, integers, limbs, h, offset, stride, rows, width, to),
    merge: (from, to, stride, rows, width) => merge(doubles, from, to, stride, rows, width),
    copy(from, fromStride, to, toStride, rows, width) {
      for (let row = 0; row < rows; row++, from += 4 * fromStride, to += 4 * toStride) {
        for (let i = 0; i < 4 * width; i++) doubles[to + i] = doubles[from + i];
      }
    },
    forward: (radix, at, m, nodes, twiddles) => FORWARD[radix](doubles, at, 4 * m, nodes, twiddles),
    inverse: (radix, at, m, nodes, twiddles) => INVERSE[radix](doubles, at, 4 * m, nodes, twiddles),
    turn: (common, turns, levels, to) => turn(doubles, common, turns, levels, to),
    multiply: (a, b, nodes, twiddles) => multiply(doubles, a, b, nodes, twiddles, false),
    multiplyAndSquare: (a, b, nodes, twiddles) => multiply(doubles, a, b, nodes, twiddles, true),
    carry: (a, b, alpha, beta, scale, base, limbs, h, from, to, carries) =>
      carry(doubles, integers, a, b, alpha, beta, scale, base, limbs, h, from, to, carries),
  };
  return { doubles, integers, kernel };
}

function split(
  x: Float64Array,
  integers: Int32Array,
  limbs: number,
  h: number,
  offset: number,
  stride: number,
  rows: number,
  width: number,
  to: number,
): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    const first = limbs + row * stride + offset;
    for (let i = first; i < first + width; i++, to += 4) {
      const low = integers[i];
      const high = integers[i + h];
      sum += low * low + high * high;
      // x^2h - i = (x^h - s) (x^h + s), where s has half its square in each component.
      const turned = high * Math.SQRT1_2;
      x[to] = low + turned;
      x[to + 1] = low - turned;
      x[to + 2] = turned;
      x[to + 3] = -turned;
    }
  }
  return sum;
}

function merge(
  x: Float64Array,
  from: number,
  to: number,
  stride: number,
  rows: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++, to += 4 * stride) {
    for (let i = to; i < to + 4 * width; i += 4, from += 4) {
      const ar = x[from], br = x[from + 1], ai = x[from + 2], bi = x[from + 3];
      const dr = ar - br, di = ai - bi;
      x[i] = ar + br;
      x[i + 1] = Math.SQRT1_2 * (di + dr);
      x[i + 2] = ai + bi;
      x[i + 3] = Math.SQRT1_2 * (di - dr);
    }
  }
}

function turn(
  x: Float64Array,
  common: number,
  turns: number,
  levels: number,
  to: number,
): void {
  for (let level = 0, nodes = 1; level < levels; level++, nodes *= 4, turns += 12) {
    for (let node = 0; node < nodes; node++) {
      for (let power = 0; power < 12; power += 4, common += 2, to += 4) {
        const c = x[common], s = x[common + 1];
        for (let lane = 0; lane < 2; lane++) {
          const i = turns + power + lane;
          // Small added to large, not a product of two points near the circle: half the error.
          x[to + lane] = c + (c * x[i] - s * x[i + 2]);
          x[to + lane + 2] = s + (s * x[i] + c * x[i + 2]);
        }
      }
    }
  }
}

function multiply(
  x: Float64Array,
  a: number,
  b: number,
  nodes: number,
  twiddles: number,
  square: boolean,
): void {
  for (let node = 0; node < nodes; node++, twiddles += 12) {
    for (let lane = 0; lane < 2; lane++) {
      let r = x[twiddles + lane];
      let i = x[twiddles + lane + 2];
      for (let k = 0; k < 64; k += 16) {
        product(x, a + k + lane, b + k + lane, r, i);
        if (square) product(x, b + k + lane, b + k + lane, r, i);
        [r, i] = [-i, r];
      }
    }
    a += 64;
    b += 64;
  }
}

/** a := a * b for two polynomials modulo x^4 - (r + i sqrt(-1)), their elements 4 doubles apart. */
function product(
  x: Float64Array,
  a: number,
  b: number,
  r: number,
  i: number,
): void {
  const a0r = x[a], a1r = x[a + 4], a2r = x[a + 8], a3r = x[a + 12];
  const a0i = x[a + 2], a1i = x[a + 6], a2i = x[a + 10], a3i = x[a + 14];
  const b0r = x[b], b1r = x[b + 4], b2r = x[b + 8], b3r = x[b + 12];
  const b0i = x[b + 2], b1i = x[b + 6], b2i = x[b + 10], b3i = x[b + 14];

  const t0r = a1r * b3r - a1i * b3i + a2r * b2r - a2i * b2i + a3r * b1r - a3i * b1i;
  const t0i = a1r * b3i + a1i * b3r + a2r * b2i + a2i * b2r + a3r * b1i + a3i * b1r;
  const t1r = a2r * b3r - a2i * b3i + a3r * b2r - a3i * b2i;
  const t1i = a2r * b3i + a2i * b3r + a3r * b2i + a3i * b2r;
  const t2r = a3r * b3r - a3i * b3i;
  const t2i = a3r * b3i + a3i * b3r;
  x[a] = a0r * b0r - a0i * b0i + (t0r * r - t0i * i);
  x[a + 2] = a0r * b0i + a0i * b0r + (t0r * i + t0i * r);
  x[a + 4] = a0r * b1r - a0i * b1i + a1r * b0r - a1i * b0i + (t1r * r - t1i * i);
  x[a + 6] = a0r * b1i + a0i * b1r + a1r * b0i + a1i * b0r + (t1r * i + t1i * r);
  x[a + 8] = a0r * b2r - a0i * b2i + a1r * b1r - a1i * b1i + a2r * b0r - a2i * b0i +
    (t2r * r - t2i * i);
  x[a + 10] = a0r * b2i + a0i * b2r + a1r * b1i + a1i * b1r + a2r * b0i + a2i * b0r +
    (t2r * i + t2i * r);
  x[a + 12] = a0r * b3r - a0i * b3i + a1r * b2r - a1i * b2i + a2r * b1r - a2i * b1i +
    a3r * b0r - a3i * b0i;
  x[a + 14] = a0r * b3i + a0i * b3r + a1r * b2i + a1i * b2r + a2r * b1i + a2i * b1r +
    a3r * b0i + a3i * b0r;
}

/** Added and taken away again, it rounds a double below 2^51 in size to an integer. */
const ROUNDER = 3 * 2 ** 51;

function carry(
  x: Float64Array,
  integers: Int32Array,
  a: number,
  b: number,
  alpha: number,
  beta: number,
  scale: number,
  base: number,
  limbs: number,
  h: number,
  from: number,
  to: number,
  carries: number,
): void {
  for (let slot = 0; slot < 4; slot++) {
    let p = a + 4 * from + slot;
    let q = b + 4 * from + slot;
    let limb = limbs + slot * h + from;
    let carry = x[carries + slot];
    let next = alpha * (x[p] * scale + ROUNDER - ROUNDER) +
      beta * (x[q] * scale + ROUNDER - ROUNDER);
    for (let e = from; e < to; e++, limb++) {
      const twice = next + carry;
      p += 4;
      q += 4;
      next = alpha * (x[p] * scale + ROUNDER - ROUNDER) +
        beta * (x[q] * scale + ROUNDER - ROUNDER);
      // The carry makes what comes next even, so that half of it is an integer.
      const parity = next - 2 * (next * 0.5 + ROUNDER - ROUNDER);
      carry = parity + 2 * ((twice / base - parity) * 0.5 + ROUNDER - ROUNDER);
      integers[limb] = (twice - carry * base) * 0.5;
    }
    x[carries + slot] = carry;
  }
}
