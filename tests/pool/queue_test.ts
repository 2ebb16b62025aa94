import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type Place, Queue } from "../../lib/pool/queueing/queue.ts";

Deno.test("Queue behaves like an array, whatever is done to it", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ op: fc.constant("push" as const), value: fc.integer() }),
      fc.record({ op: fc.constant("unshift" as const), value: fc.integer() }),
      fc.record({ op: fc.constant("remove" as const), index: fc.nat(20) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(fc.property(steps, (steps) => {
    const queue = new Queue<number>();
    let model: Place<number>[] = [];
    const gone: Place<number>[] = [];
    for (const step of steps) {
      if (step.op === "push") model.push(queue.push(step.value));
      else if (step.op === "unshift") model.unshift(queue.unshift(step.value));
      else {
        const place = model[step.index] ?? gone[step.index];
        if (!place) continue;
        assertEquals(queue.remove(place), model.includes(place));
        model = model.filter((other) => other !== place);
        gone.push(place);
      }
      assertEquals(queue.length, model.length);
      assertEquals(queue.first, model[0]?.value);
    }
    for (const place of model) {
      assertEquals(queue.first, place.value);
      queue.remove(place);
    }
    assertEquals(queue.first, undefined);
  }));
});
