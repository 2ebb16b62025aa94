import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Place } from "../../lib/pool/queueing/queue.ts";
import { Turns } from "../../lib/pool/queueing/turns.ts";

interface Waiting {
  readonly value: number;
  readonly group: number;
  readonly place: Place<number>;
}

Deno.test("Turns is first in, first out within a group, and no group waits for another twice", () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.record({ do: fc.constant("push" as const), group: fc.nat(3) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), which: fc.nat(9) }) },
    ),
    { maxLength: 80 },
  );
  fc.assert(fc.property(steps, (steps) => {
    const turns = new Turns<number>();
    let waiting: Waiting[] = [];
    /** How often other groups had a turn since each group has one coming, by the group and the other. */
    const passed = new Map<number, Map<number, number>>();
    let next = 0;
    for (const step of steps) {
      if (step.do === "push") {
        const { group } = step;
        if (!waiting.some((other) => other.group === group)) passed.set(group, new Map());
        waiting.push({ value: next, group, place: turns.push(next++, group) });
      } else if (step.do === "remove" && waiting.length > 0) {
        const [left] = waiting.splice(step.which % waiting.length, 1);
        turns.remove(left.place, left.group);
        turns.remove(left.place, left.group);
      } else if (step.do === "take" && waiting.length > 0) {
        const taken = waiting.find(({ value }) => value === turns.first)!;
        assertEquals(taken, waiting.find(({ group }) => group === taken.group));
        turns.take(taken.place, taken.group);
        waiting = waiting.filter((other) => other !== taken);
        passed.set(taken.group, new Map());
        for (const [group, turnsOf] of passed) {
          if (group === taken.group || !waiting.some((other) => other.group === group)) continue;
          turnsOf.set(taken.group, (turnsOf.get(taken.group) ?? 0) + 1);
          assertEquals(turnsOf.get(taken.group)! <= 1, true, `${group} waits for ${taken.group}`);
        }
      }
      assertEquals(turns.length, waiting.length);
      assertEquals(turns.groups, new Set(waiting.map(({ group }) => group)).size);
      for (const group of [0, 1, 2, 3]) {
        const own = waiting.filter((other) => other.group === group).map(({ value }) => value);
        assertEquals([turns.lengthOf(group), turns.lastOf(group)], [own.length, own.at(-1)]);
      }
    }
  }));
});

Deno.test("Turns gives back its turn to what had it", () => {
  const turns = new Turns<string>();
  const a = turns.push("a", 1);
  turns.push("b", 2);
  turns.take(a, 1);
  turns.unshift("a", 1);
  assertEquals(turns.first, "a");
});
