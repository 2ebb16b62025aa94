/**
 * The loops over numbers, which are in WebAssembly. Each works on one stretch of a {@linkcode Heap} for well
 * under a millisecond; what is called when is up to `convolution.ts`, which also has the drawing. All
 * arguments are integers unless said otherwise.
 *
 * Numbers come in *elements* of four doubles, two complex numbers side by side:
 * `[re 0, re 1, im 0, im 1]`. Both go through the same steps with roots of their own (their *lanes*), so
 * that they fit a vector unit. Elements and twiddle factors are addressed by the index of a double, limbs
 * by the index of an `int32`, counted from the start of the heap.
 */
export interface Kernel {
  /**
   * Reads `rows` x `width` elements from limbs: row r begins at element `r * stride + offset`; a number
   * has `2 * h` limbs, element e holds the limbs e and h + e, and its lanes are split already.
   *
   * @returns The sum of the squares of the limbs read, a double.
   */
  split(
    limbs: number,
    h: number,
    offset: number,
    stride: number,
    rows: number,
    width: number,
    to: number,
  ): number;
  /** Undoes the split of lanes, from a strip of `rows` x `width` elements into rows `stride` apart. */
  merge(from: number, to: number, stride: number, rows: number, width: number): void;
  /** Copies `rows` runs of `width` elements, which are so many elements apart. */
  copy(
    from: number,
    fromStride: number,
    to: number,
    toStride: number,
    rows: number,
    width: number,
  ): void;
  /**
   * Splits each of `nodes` polynomials of `radix * m` elements, one after the other, into `radix` of m
   * elements: x^(radix m) - r^radix into the x^m - r w^k, w being e^(2 pi i / radix), k = 0, 1, ...
   *
   * @param twiddles For each node the elements r, r^2, ... r^(radix - 1).
   */
  forward(radix: Radix, at: number, m: number, nodes: number, twiddles: number): void;
  /** Undoes {@linkcode forward}, but for a factor of `radix`. */
  inverse(radix: Radix, at: number, m: number, nodes: number, twiddles: number): void;
  /**
   * Writes the twiddle factors of a row, 3 for each node of its tree of radix 4: the common ones, turned
   * by an angle for each level and lane, which `turns` has as `e^(i angle) - 1`.
   */
  turn(common: number, turns: number, levels: number, to: number): void;
  /**
   * Multiplies polynomials of 4 elements, four for each of so many nodes: a := a * b mod x^4 - r i^k, where
   * the nodes' r come in threes, as `turn` writes them.
   */
  multiply(a: number, b: number, nodes: number, twiddles: number): void;
  /** As {@linkcode multiply}, and then b := b * b. */
  multiplyAndSquare(a: number, b: number, nodes: number, twiddles: number): void;
  /**
   * Makes limbs of coefficients: `(alpha * a + beta * b) / 2` for the elements `from` to `to`, each slot of
   * which is a stretch of h limbs, after rounding the coefficients to integers. Each carry has the parity
   * of what comes next, even that of the element `to`: half of the sum is an integer.
   *
   * @param scale A double that the coefficients are multiplied by first.
   * @param carries Four doubles, which come in from the elements before, and go out.
   */
  carry(
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
  ): void;
}

/** The number of parts that one pass splits a polynomial into. */
export type Radix = 2 | 3 | 4 | 5;

/** Memory, seen as what is stored in it, and the loops that work there. */
export interface Heap {
  /** All of it, as doubles. */
  readonly doubles: Float64Array<ArrayBuffer>;
  /** The same memory, as integers of 32 bits. */
  readonly integers: Int32Array<ArrayBuffer>;
  /** The loops. */
  readonly kernel: Kernel;
}

/** Makes a heap of at least so many bytes, all of them 0. */
export type HeapFactory = (bytes: number) => Heap;
