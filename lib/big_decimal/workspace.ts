import type { Heap, HeapFactory } from "./kernel.ts";
import { commonTwiddles, type Plan, STRIP } from "./plan.ts";

/** Where things are in a heap: doubles by their index, limbs by that of an `int32`. */
export interface Workspace {
  /** The memory. */
  readonly heap: Heap;
  /** Twiddle factors that all rows share. */
  readonly common: number;
  /** Twiddle factors of the passes along columns. */
  readonly columnTwiddles: number;
  /** What turns the common twiddle factors into those of each row. */
  readonly turns: number;
  /** Twiddle factors of one row. */
  readonly rowTwiddles: number;
  /** A strip of columns. */
  readonly strip: number;
  /** The four carries. */
  readonly carries: number;
  /** The transform of one factor, then of the product, with room for one element more. */
  readonly a: number;
  /** The transform of the other, likewise. */
  readonly b: number;
  /** The limbs of one factor. */
  readonly x: number;
  /** The limbs of the other. */
  readonly y: number;
  /** How many limbs there is room for in each. */
  readonly limbs: number;
}

/**
 * The largest heap that is kept for the next call: enough for n = 25 million. More would be held for
 * nothing by each thread that once had a big answer to find; less would have a new one made, which is
 * filled with zeros at 0.3 ms a megabyte, where that is still felt.
 */
const KEPT_BYTES = 32 * 2 ** 20;

const kept = new WeakMap<HeapFactory, Heap>();

/**
 * Lends a heap with room for products by any of the plans. What is in it is left over from other calls,
 * whichever way they ended. The first plan is that of the last product, of which only one transform is
 * needed as such: the limbs of the result may take the place of `b`.
 */
export function withWorkspace<T>(
  plans: readonly Plan[],
  makeHeap: HeapFactory,
  use: (workspace: Workspace) => T,
): T {
  const most = (size: (plan: Plan) => number) => Math.max(...plans.map(size));
  let doubles = 0;
  const reserve = (count: number) => {
    const at = doubles;
    // Whole cache lines.
    doubles += Math.ceil(count / 8) * 8;
    return at;
  };
  const levels = most((plan) => plan.levels);
  const nodes = (4 ** levels - 1) / 3;
  const h = most((plan) => plan.h);
  // All but the last product become factors, the last one has none to leave.
  const limbs = Math.max(2 * plans[0].h, ...plans.slice(1).map((plan) => 4 * plan.h));
  const layout = {
    common: reserve(6 * nodes),
    columnTwiddles: reserve(most((plan) => plan.columnTwiddles.length)),
    turns: reserve(most((plan) => plan.turns.length)),
    rowTwiddles: reserve(12 * nodes),
    strip: reserve(4 * STRIP * most((plan) => plan.rows)),
    carries: reserve(4),
    a: reserve(4 * (h + 1)),
    b: reserve(4 * (h + 1)),
    x: 2 * reserve(limbs / 2),
    y: 2 * reserve(limbs / 2),
    limbs,
  };
  const heap = take(8 * doubles, makeHeap);
  try {
    heap.doubles.set(commonTwiddles(levels), layout.common);
    return use({ heap, ...layout });
  } finally {
    if (heap.doubles.byteLength <= KEPT_BYTES) kept.set(makeHeap, heap);
  }
}

/** Nobody else has the heap meanwhile, not even a call from within a checkpoint. */
function take(bytes: number, makeHeap: HeapFactory): Heap {
  const heap = kept.get(makeHeap);
  if (!heap || heap.doubles.byteLength < bytes) return makeHeap(bytes);
  kept.delete(makeHeap);
  return heap;
}
