import { assertEquals, assertRejects } from "@std/assert";
import { inline } from "../../lib/pool/inline.ts";
import { DeadlineExceededError } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";

/** Methods that take as much time as they are told to, and look at their checkpoint halfway. */
function fixture() {
  const clock = new FakeClock();
  const reached: string[] = [];
  const backend = inline((checkpoint) => ({
    run(ms: number) {
      clock.advance(ms / 2);
      checkpoint();
      reached.push("halfway");
      clock.advance(ms / 2);
      return "done";
    },
    async later(ms: number) {
      clock.advance(ms);
      await Promise.resolve();
      checkpoint();
      return await new Promise<never>(() => {});
    },
  }), { clock });
  return { clock, backend, reached };
}

Deno.test("inline() stops a method at its checkpoint when the deadline has passed", async () => {
  const { backend, reached } = fixture();
  const late = () => backend.call("run", [300], { deadlineMs: 100 });
  assertEquals((await assertRejects(late, DeadlineExceededError)).deadlineMs, 100);
  assertEquals(reached, []);
});

Deno.test("inline() keeps the sooner of a deadline and what a call may run", async () => {
  const { backend, reached } = fixture();
  for (const bounds of [{ maxRunMs: 100 }, { maxRunMs: 100, deadlineMs: 900 }]) {
    const late = () => backend.call("run", [300], bounds);
    assertEquals((await assertRejects(late, DeadlineExceededError)).deadlineMs, 100);
  }
  assertEquals(reached, []);
});

Deno.test("inline() rejects what has come too late, though nobody looked at a checkpoint", async () => {
  const { backend, reached } = fixture();
  await assertRejects(() => backend.call("run", [150], { deadlineMs: 100 }), DeadlineExceededError);
  assertEquals(reached, ["halfway"]);
});

Deno.test("inline() takes a call that just meets its deadline", async () => {
  const { backend } = fixture();
  assertEquals(await backend.call("run", [100], { deadlineMs: 100 }), "done");
  assertEquals(await backend.call("run", [1e9]), "done");
});

Deno.test("inline() waits for a promise until the whole deadline has passed, and leaves no timer", async () => {
  const { backend, clock } = fixture();
  const call = backend.call("later", [60], { deadlineMs: 100 });
  assertEquals(clock.nextAt, 100);
  clock.advance(40);
  assertEquals((await assertRejects(() => call, DeadlineExceededError)).deadlineMs, 100);
  assertEquals(clock.pending, 0);
});

Deno.test("inline() tells how long a method ran", async () => {
  const { backend } = fixture();
  const told: number[] = [];
  await backend.call("run", [30], { onTiming: ({ runMs }) => void told.push(runMs) });
  assertEquals(told, [30]);
});

Deno.test("inline() ends an async method whose signal was aborted before its first await", async () => {
  const controller = new AbortController();
  const backend = inline({
    leave() {
      controller.abort(new Error("left"));
      return new Promise<never>(() => {});
    },
  });
  await assertRejects(
    () => backend.call("leave", [], { signal: controller.signal }),
    Error,
    "left",
  );
});
