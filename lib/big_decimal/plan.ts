import type { Checkpoint } from "./checkpoint.ts";
import type { Radix } from "./kernel.ts";
import { rootOfUnity } from "./roots.ts";

/**
 * How a transform of a certain length is carried out: h elements as a matrix of rows and columns. Columns
 * are transformed first, a strip of a few at a time, by passes of the radices; then rows, by passes of
 * radix 4 down to polynomials of 4 elements.
 */
export interface Shape {
  /** Elements: a quarter of the limbs of a product, or a little more. */
  readonly h: number;
  /** A number without prime factors above 5. */
  readonly rows: number;
  /** A power of 4. */
  readonly columns: number;
  /** Their product is `rows`. */
  readonly radices: readonly Radix[];
  /** Passes along a row: `columns` is 4 to the power of one more. */
  readonly levels: number;
}

/** A shape and the roots of unity for it. */
export interface Plan extends Shape {
  /** Of the passes along columns: one element for each power of each node's root. */
  readonly columnTwiddles: Float64Array<ArrayBuffer>;
  /** Of each row, 3 elements for each level. */
  readonly turns: Float64Array<ArrayBuffer>;
}

/**
 * Columns in a strip. With fewer, more rows would share pages that are no longer at hand when the next
 * strip needs them; with more, a strip of a large matrix would leave the second cache.
 */
export const STRIP = 16;

/**
 * How long rows are for how many elements at most, by measurement. Long ones leave fewer of them, and so
 * less in a strip; short ones fit, with their twiddle factors, into a faster cache: 1,024 elements take 32
 * KiB, 4,096 take 128.
 */
const COLUMNS = [
  [2 ** 10, 2 ** 6],
  [2 ** 12, 2 ** 8],
  [2 ** 16, 2 ** 10],
  [2 ** 22, 2 ** 12],
  [Infinity, 2 ** 14],
] as const;

/** The shape for products of so many limbs. */
export function planShape(limbs: number): Shape {
  const least = limbs / 4;
  const columns = COLUMNS.find(([most]) => least <= most)![1];
  const rows = smooth(Math.ceil(least / columns));
  return {
    h: rows * columns,
    rows,
    columns,
    radices: factors(rows),
    levels: Math.log2(columns) / 2 - 1,
  };
}

/** Makes the plan for products of so many limbs: 4 ms for those of n = 10^8. */
export function makePlan(limbs: number, checkpoint: Checkpoint): Plan {
  const shape = planShape(limbs);
  const { rows, radices, levels } = shape;
  // Where a polynomial is taken modulo x^m - e^(2 pi i angle), its angle is told in units of 1 / unit turns.
  const columnTwiddles: number[] = [];
  let unit = 8;
  let angles = [[1], [5]];
  for (const radix of radices) {
    for (let node = 0; node < angles[0].length; node++) {
      for (let power = 1; power < radix; power++) {
        const roots = angles.map((lane) => rootOfUnity(power * lane[node], radix * unit));
        columnTwiddles.push(...roots.map(([cos]) => cos), ...roots.map(([, sin]) => sin));
      }
    }
    angles = angles.map((lane) =>
      lane.flatMap((angle) => Array.from({ length: radix }, (_, k) => angle + k * unit))
    );
    unit *= radix;
  }

  const turns = new Float64Array(rows * levels * 12);
  let at = 0;
  for (let row = 0; row < rows; row++) {
    checkpoint();
    // Any root will do; the one nearest to 1 turns least.
    const nearest = angles.map((lane) => lane[row] > unit / 2 ? lane[row] - unit : lane[row]);
    for (let level = 0, parts = 4; level < levels; level++, parts *= 4) {
      for (let power = 1; power < 4; power++, at += 4) {
        nearest.forEach((angle, lane) => {
          const [, sin, cosLess1] = rootOfUnity(power * angle, parts * unit);
          turns[at + lane] = cosLess1;
          turns[at + lane + 2] = sin;
        });
      }
    }
  }
  return { ...shape, columnTwiddles: Float64Array.from(columnTwiddles), turns };
}

let common = new Float64Array(0);

/** Twiddle factors that all rows share: 3 complex numbers for each node, of so many levels. */
export function commonTwiddles(levels: number): Float64Array<ArrayBuffer> {
  const length = 6 * (4 ** levels - 1) / 3;
  // The table of fewer levels is the beginning of that of more, which has 64 KB at most.
  if (common.length < length) common = makeCommonTwiddles(levels);
  return common.subarray(0, length);
}

function makeCommonTwiddles(levels: number): Float64Array<ArrayBuffer> {
  const table: number[] = [];
  let angles = [0];
  for (let level = 0, unit = 1; level < levels; level++, unit *= 4) {
    for (const angle of angles) {
      for (let power = 1; power < 4; power++) {
        table.push(...rootOfUnity(power * angle, 4 * unit).slice(0, 2));
      }
    }
    angles = angles.flatMap((angle) => [0, 1, 2, 3].map((k) => angle + k * unit));
  }
  return Float64Array.from(table);
}

/** The least number from `least` on that has no prime factor above 5. */
function smooth(least: number): number {
  for (let n = least;; n++) {
    let rest = n;
    for (const prime of [2, 3, 5]) while (rest % prime === 0) rest /= prime;
    if (rest === 1) return n;
  }
}

/** The radices whose product is a smooth number. */
function factors(smooth: number): Radix[] {
  const radices: Radix[] = [];
  for (const radix of [4, 5, 3, 2] as const) {
    for (; smooth % radix === 0; smooth /= radix) radices.push(radix);
  }
  return radices;
}
