import type { Checkpoint } from "./checkpoint.ts";
import { type Plan, STRIP } from "./plan.ts";
import type { Workspace } from "./workspace.ts";

/** Numbers that make a combination of two products a and b: `(alpha * a + beta * b + plus) / 2`. */
export interface Weights {
  /** Of the first product, an integer. */
  readonly alpha: number;
  /** Of the second product, an integer. */
  readonly beta: number;
  /** What is added, an integer that makes the sum even. */
  readonly plus: number;
}

/** Rows copied between two checkpoints, each with a page of its own: 0.1 to 0.5 ms. */
const COPY_ROWS = 2 ** 8;

/** Elements between two checkpoints of the carry: 0.1 to 0.3 ms. */
const CARRY_STRETCH = 2 ** 13;

/**
 * Multiplies numbers by floating-point FFT, by one plan, in one workspace.
 *
 * ```text
 * limbs ── read ──▶  columns forward   a strip at a time, x into a and y into b
 *                          │
 *                    rows forward      a row of both at a time
 *                    products
 *                    rows back
 *                          │
 *                    columns back      a strip at a time
 *                          │
 * limbs ◀─ write ──  rounds, carries   at four places at a time
 * ```
 *
 * Of 4h limbs of a product, those numbered e, h + e, 2h + e and 3h + e make element e: two complex numbers
 * (e and 2h + e; h + e and 3h + e), the coefficients e and h + e of a polynomial modulo x^2h - i. Its
 * products are those of the numbers modulo x^4h + 1 (a "right-angle" convolution): real limbs take half the
 * length, without any step that takes real and imaginary parts apart.
 *
 * Everything goes by splitting x^km - r^k into k factors x^m - r w^j, w^k = 1: the first time by 2, which
 * gives each lane a polynomial of its own; along columns by the radices of the plan; along rows by 4, down
 * to x^4 - r, where polynomials are multiplied as such. Going back the same way, results come out in order:
 * nothing is ever reversed. An array is read and written three times; in between, work is on a strip, or
 * on a row of either, which fit into the second cache.
 *
 * Checkpoints come after 0.02 to 0.5 ms, at n = 10^9 after 3.
 */
export class Convolution {
  readonly #plan: Plan;
  readonly #at: Workspace;
  readonly #checkpoint: Checkpoint;

  /**
   * Prepares a workspace for one product by a plan.
   *
   * @param workspace Made for this plan, among others.
   * @param checkpoint What it throws leaves the workspace with half a product in it, and is thrown on.
   */
  constructor(workspace: Workspace, plan: Plan, checkpoint: Checkpoint) {
    this.#plan = plan;
    this.#at = workspace;
    this.#checkpoint = checkpoint;
    const { heap: { doubles }, columnTwiddles, turns } = workspace;
    doubles.set(plan.columnTwiddles, columnTwiddles);
    doubles.set(plan.turns, turns);
  }

  /**
   * Transforms the columns of a number, by its 2h limbs.
   *
   * @returns The sum of the squares of its limbs.
   */
  read(limbs: number, to: number): number {
    const { kernel } = this.#at.heap;
    const { h, rows, columns, radices } = this.#plan;
    const { strip } = this.#at;
    let sum = 0;
    for (let column = 0; column < columns; column += STRIP) {
      sum += kernel.split(limbs, h, column, columns, rows, STRIP, strip);
      let twiddles = this.#at.columnTwiddles;
      let nodes = 1;
      let m = rows * STRIP;
      for (const radix of radices) {
        m /= radix;
        kernel.forward(radix, strip, m, nodes, twiddles);
        twiddles += 4 * (radix - 1) * nodes;
        nodes *= radix;
      }
      this.#copy(strip, STRIP, to + 4 * column, columns);
    }
    return sum;
  }

  /** a := a * b. */
  multiply(): void {
    this.#multiply(false);
  }

  /** a := a * b and b := b * b. */
  multiplyAndSquare(): void {
    this.#multiply(true);
  }

  #multiply(square: boolean): void {
    const { kernel } = this.#at.heap;
    const { rows, columns, levels } = this.#plan;
    const { common, turns, rowTwiddles, a, b } = this.#at;
    const lastNodes = 4 ** (levels - 1);
    const lastTwiddles = rowTwiddles + 4 * (lastNodes - 1);
    for (let row = 0; row < rows; row++) {
      kernel.turn(common, turns + row * levels * 12, levels, rowTwiddles);
      const rowA = a + row * columns * 4;
      const rowB = b + row * columns * 4;
      this.#forwardRow(rowA);
      this.#forwardRow(rowB);
      if (square) kernel.multiplyAndSquare(rowA, rowB, lastNodes, lastTwiddles);
      else kernel.multiply(rowA, rowB, lastNodes, lastTwiddles);
      this.#inverseRow(rowA);
      if (square) this.#inverseRow(rowB);
      this.#checkpoint();
    }
    this.#inverseColumns(a);
    if (square) this.#inverseColumns(b);
  }

  /** Copies a strip, to where no row may have been before: the system may take its time to find a page. */
  #copy(from: number, fromStride: number, to: number, toStride: number): void {
    const { rows } = this.#plan;
    for (let row = 0; row < rows; row += COPY_ROWS) {
      const some = Math.min(rows - row, COPY_ROWS);
      const source = from + 4 * row * fromStride;
      this.#at.heap.kernel.copy(source, fromStride, to + 4 * row * toStride, toStride, some, STRIP);
      this.#checkpoint();
    }
  }

  #forwardRow(at: number): void {
    const { kernel } = this.#at.heap;
    let twiddles = this.#at.rowTwiddles;
    for (let m = this.#plan.columns / 4, nodes = 1; m >= 4; m /= 4, nodes *= 4) {
      kernel.forward(4, at, m, nodes, twiddles);
      twiddles += 12 * nodes;
    }
  }

  #inverseRow(at: number): void {
    const { kernel } = this.#at.heap;
    const { columns } = this.#plan;
    for (let m = 4, nodes = columns / 16; nodes >= 1; m *= 4, nodes /= 4) {
      kernel.inverse(4, at, m, nodes, this.#at.rowTwiddles + 4 * (nodes - 1));
    }
  }

  #inverseColumns(at: number): void {
    const { kernel } = this.#at.heap;
    const { rows, columns, radices } = this.#plan;
    const { strip } = this.#at;
    const end = this.#at.columnTwiddles + this.#plan.columnTwiddles.length;
    for (let column = 0; column < columns; column += STRIP) {
      this.#copy(at + 4 * column, columns, strip, STRIP);
      let twiddles = end;
      let nodes = rows;
      let m = STRIP;
      for (const radix of radices.toReversed()) {
        nodes /= radix;
        twiddles -= 4 * (radix - 1) * nodes;
        kernel.inverse(radix, strip, m, nodes, twiddles);
        m *= radix;
      }
      kernel.merge(strip, at + 4 * column, columns, rows, STRIP);
      this.#checkpoint();
    }
  }

  /**
   * Writes the limbs of a combination of the products, which must be an integer: balanced ones, from
   * -base / 2 to base / 2, or a little more where stretches meet.
   *
   * @returns Whether the number fits into the limbs of a product, which it can't if anything went wrong.
   */
  write({ alpha, beta, plus }: Weights, base: number, limbs: number): boolean {
    const { doubles, integers, kernel } = this.#at.heap;
    const { h } = this.#plan;
    const { a, carries } = this.#at;
    // What is not wanted need not even be there: limbs may overwrite it.
    const b = beta === 0 ? a : this.#at.b;
    const scale = 2 / h;
    // What follows the last element of a stretch is the first of the next one.
    for (const at of [a, b]) {
      for (let slot = 0; slot < 4; slot++) {
        doubles[at + 4 * h + slot] = slot < 3 ? doubles[at + slot + 1] : 0;
      }
    }
    // Stretches start at the same time, each with a carry in that has the right parity: the one that
    // arrives there in the end has the same.
    const carriesIn = [plus];
    for (let slot = 1; slot < 4; slot++) {
      const first = alpha * Math.round(doubles[a + slot] * scale) +
        beta * Math.round(doubles[b + slot] * scale);
      carriesIn.push(Math.abs(first % 2));
    }
    doubles.set(carriesIn, carries);
    for (let from = 0; from < h; from += CARRY_STRETCH) {
      const to = Math.min(h, from + CARRY_STRETCH);
      kernel.carry(a, b, alpha, beta, scale, base, limbs, h, from, to, carries);
      this.#checkpoint();
    }
    const carriesOut = Array.from(doubles.subarray(carries, carries + 4));
    for (let slot = 0; slot < 4; slot++) {
      let carry = (carriesOut[slot] - (carriesIn[slot + 1] ?? 0)) / 2;
      for (let limb = limbs + h * (slot + 1); carry !== 0; limb++) {
        // NaN too, which is never 0, ends here.
        if (limb === limbs + 4 * h) return false;
        const sum = integers[limb] + carry;
        carry = Math.round(sum / base);
        integers[limb] = sum - carry * base;
      }
    }
    return true;
  }
}
