/**
 * Finds the least of a fixed number of values. Where several are equal, it finds them one after the other. It is a
 * tree in which each node holds the lesser of its two children: changing a value and finding the next least cost
 * O(log n).
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Least } from "./least.ts";
 *
 * const least = new Least(3);
 * assertEquals(least.next(0), undefined);
 * least.set(0, 5);
 * least.set(2, 5);
 * assertEquals(least.next(0), 0);
 * assertEquals(least.next(1), 2);
 * least.set(1, 4);
 * assertEquals(least.next(2), 1);
 * ```
 */
export class Least {
  /** The children of node `i` are `2i` and `2i + 1`; node 1 is the root. */
  readonly #tree: Float64Array;
  /** The index in the tree of the first value. */
  readonly #leaves: number;

  /** Makes so many values, all `Infinity`. */
  constructor(size: number) {
    this.#leaves = 2 ** Math.ceil(Math.log2(size));
    this.#tree = new Float64Array(2 * this.#leaves).fill(Infinity);
  }

  set(index: number, value: number): void {
    const tree = this.#tree;
    let node = this.#leaves + index;
    tree[node] = value;
    while (node > 1) {
      node >>= 1;
      const least = Math.min(tree[2 * node]!, tree[2 * node + 1]!);
      if (tree[node] === least) return;
      tree[node] = least;
    }
  }

  /** The first index with the least value, counted from `from` and on from 0; `undefined` if all are infinite. */
  next(from: number): number | undefined {
    const tree = this.#tree;
    const least = tree[1]!;
    if (least === Infinity) return undefined;
    let node = this.#leaves + from;
    while (tree[node] !== least) {
      // Go to the right neighbour. From a right child, climb to a node that has one.
      while (node % 2 === 1) node >>= 1;
      // Nothing is right of the root: start again from the left.
      node = node === 0 ? 1 : node + 1;
    }
    while (node < this.#leaves) {
      node *= 2;
      if (tree[node] !== least) node++;
    }
    return node - this.#leaves;
  }
}
