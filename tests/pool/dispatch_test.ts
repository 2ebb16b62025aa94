import { assert, assertEquals } from "@std/assert";
import { Harness } from "./harness.ts";

Deno.test("call() resolves with the method's result", async () => {
  await using harness = new Harness();
  assertEquals(await harness.pool.call("echo", [{ a: [1, 2] }]), { a: [1, 2] });
});

Deno.test("call() waits for a worker when it is made before any is ready", async () => {
  await using harness = new Harness({ size: 1 });
  const call = harness.pool.call("echo", ["early"]);
  assertEquals(harness.pool.stats().slots[0].state, "starting");
  assertEquals(await call, "early");
});

Deno.test("call() is round-robin over the slots of an idle pool", async () => {
  await using harness = new Harness({ size: 3 });
  await harness.pool.ready;
  const slots: number[] = [];
  for (let i = 0; i < 6; i++) {
    await harness.pool.call("echo", [i], { onTiming: ({ slot }) => slots.push(slot) });
  }
  assertEquals(slots, [0, 1, 2, 0, 1, 2]);
});

Deno.test("call() passes over a slot that is busy", async () => {
  await using harness = new Harness({ size: 2 });
  await harness.pool.ready;
  const slow = harness.pool.call("hold", ["slow"]);
  await harness.running("slow");
  const slots: number[] = [];
  for (let i = 0; i < 3; i++) {
    await harness.pool.call("echo", [i], { onTiming: ({ slot }) => slots.push(slot) });
  }
  assertEquals(slots, [1, 1, 1]);
  harness.release("slow");
  await slow;
});

Deno.test("calls start in the order they were made", async () => {
  await using harness = new Harness({ size: 1 });
  const ids = ["a", "b", "c", "d"];
  const calls = ids.map((id) => harness.pool.call("hold", [id]));
  for (const id of ids) {
    await harness.running(id);
    harness.release(id);
  }
  assertEquals(await Promise.all(calls), ids);
  assertEquals(harness.started, ids);
});

Deno.test("a call that is estimated short is sent ahead, and taken back when the one before it is late", async () => {
  await using harness = new Harness({ size: 2 });
  await harness.pool.ready;
  const busy = harness.pool.call("hold", ["busy"], { estimateMs: 1_000 });
  await harness.running("busy");
  // Both are estimated short, so the second is sent to the same worker; but the first is not.
  const liar = harness.pool.call("hold", ["liar"], { estimateMs: 0.1 });
  const behind = harness.pool.call("hold", ["behind"], { estimateMs: 0.1 });
  await harness.running("liar");
  assertEquals(harness.pool.stats().queue.length, 0);
  assertEquals(harness.pool.stats().slots[1].inFlight, 2);
  harness.release("busy");
  await busy;
  harness.clock.advance(10);
  // It was taken back, and the worker that is free now runs it.
  await harness.running("behind");
  assertEquals(harness.held.get("behind")!.worker, 0);
  harness.release("behind");
  harness.release("liar");
  assertEquals(await Promise.all([liar, behind]), ["liar", "behind"]);
  assertEquals(harness.started, ["busy", "liar", "behind"]);
});

Deno.test("calls that are taken back keep their order, before those that wait", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const ids = ["a", "b", "c", "d"];
  const calls = ids.map((id) =>
    harness.pool.call("hold", [id], { estimateMs: id === "c" ? 9 : 0.1 })
  );
  await harness.running("a");
  assertEquals(harness.pool.stats().slots[0].inFlight, 3);
  harness.clock.advance(10);
  assertEquals(harness.pool.stats().queue.length, 3);
  for (const id of ids) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all(calls);
  assertEquals(harness.started, ids);
});

Deno.test("a call goes to a worker that is idle, rather than behind another", async () => {
  await using harness = new Harness({ size: 2 });
  await harness.pool.ready;
  const call = (id: string) => harness.pool.call("hold", [id], { estimateMs: 0.1 });
  const [a, b] = [call("a"), call("b")];
  await harness.running("a");
  await harness.running("b");
  // It is the turn of the slot of "a", which has room behind it; but that of "b" is idle by now.
  harness.release("b");
  await b;
  const c = call("c");
  await harness.running("c");
  for (const id of ["a", "c"]) harness.release(id);
  assertEquals(await Promise.all([a, c]), ["a", "c"]);
});

Deno.test("an estimate without bound holds its worker, and is forgotten with its call", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const ids = ["a", "b"];
  const calls = ids.map((id) => harness.pool.call("hold", [id], { estimateMs: Infinity }));
  await harness.running("a");
  assert(harness.pool.stats().queue.predictedWaitMs >= 1e9);
  for (const id of ids) {
    await harness.running(id);
    harness.release(id);
  }
  await Promise.all(calls);
  assertEquals(harness.pool.stats().queue.predictedWaitMs, 0);
});
