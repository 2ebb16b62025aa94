import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Least } from "../../lib/pool/queueing/least.ts";

/** What {@linkcode Least.next} tells, found by looking at each value. */
function nextByLooking(values: readonly number[], from: number): number | undefined {
  const least = Math.min(...values);
  if (least === Infinity) return undefined;
  const order = values.map((_, i) => (from + i) % values.length);
  return order.find((index) => values[index] === least);
}

Deno.test("Least.next() is none while all values are infinite, and again when they are", () => {
  for (const size of [1, 2, 3, 256]) {
    const least = new Least(size);
    assertEquals(least.next(size - 1), undefined);
    least.set(size - 1, 7);
    assertEquals(least.next(0), size - 1);
    least.set(size - 1, Infinity);
    assertEquals(least.next(0), undefined);
  }
});

Deno.test("Least.next() goes round equal values, and comes to each once in a round", () => {
  const least = new Least(5);
  for (let i = 0; i < 5; i++) least.set(i, 1);
  const visited: number[] = [];
  for (let from = 3; visited.length < 10;) {
    const index = least.next(from)!;
    visited.push(index);
    from = (index + 1) % 5;
  }
  assertEquals(visited, [3, 4, 0, 1, 2, 3, 4, 0, 1, 2]);
});

Deno.test("Least.next() tells what looking at each value tells, whatever they are", () => {
  const plan = fc.integer({ min: 1, max: 70 }).chain((size) => {
    const index = fc.nat(size - 1);
    const value = fc.oneof(fc.constant(Infinity), fc.constant(-1), fc.nat(3));
    return fc.record({
      size: fc.constant(size),
      steps: fc.array(fc.record({ index, value, from: index })),
    });
  });
  fc.assert(fc.property(plan, ({ size, steps }) => {
    const least = new Least(size);
    const values = Array<number>(size).fill(Infinity);
    for (const { index, value, from } of steps) {
      least.set(index, values[index] = value);
      assertEquals(least.next(from), nextByLooking(values, from));
    }
  }));
});
