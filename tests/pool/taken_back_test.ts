// What becomes of a pure call that was taken back after it had run, and before its answer came.

import { assertEquals } from "@std/assert";
import type { CallOptions } from "../../lib/pool/mod.ts";
import { Cell } from "../../lib/pool/sending/protocol.ts";
import { FakeClock } from "./fake_clock.ts";
import { noValueOf, valueOf } from "./scripted_worker.ts";
import { Fixture, settled } from "./mailbox_fixture.ts";

/**
 * Two workers, and a pure call that one of them is through with and has not told: the answer is held for the
 * call behind it, which is late. So the pool has taken it back.
 */
async function untold(options: CallOptions = {}): Promise<Fixture> {
  const self = new Fixture(2);
  const [first, second] = self.workers;
  self.call("busy", undefined, { pure: false });
  self.call("untold", 0.01, { deadlineMs: 1_000, ...options });
  self.call("slow", 0.01);
  await settled();
  assertEquals([first.sent, second.sent], [[["busy"]], [["untold", "slow"]]]);
  first.cells[first.call("busy").cell] = Cell.RUNNING;
  second.cells[second.call("untold").cell] = Cell.DONE;
  second.cells[second.call("slow").cell] = Cell.RUNNING;
  self.clock.advance(5);
  await settled();
  assertEquals(self.pool.stats().queue.length, 1);
  return self;
}

/** Ends what `untold()` has begun beside the call it is about. */
async function endOthers({ workers: [first, second] }: Fixture): Promise<void> {
  if (first.cells[first.call("busy").cell] === Cell.RUNNING) {
    first.posts[0].reply(valueOf(first.call("busy")));
  }
  second.posts[0].reply(valueOf(second.call("slow")));
  await settled();
}

Deno.test("a pure call that was done and taken back leaves the queue when its answer comes after all", async () => {
  await using self = await untold();
  const [first, second] = self.workers;
  second.early(valueOf(second.call("untold")));
  await settled();
  assertEquals(self.ended, ["untold"]);
  assertEquals(self.pool.stats().queue.length, 0);
  await endOthers(self);
  assertEquals(first.sent, [["busy"]]);
  assertEquals(self.ended, ["untold", "busy", "slow"]);
  assertEquals(self.pool.stats().totals.done, 3);
  self.assertIdle();
});

Deno.test("a pure call that was done and taken back is settled by the late first answer while it runs again", async () => {
  await using self = await untold();
  const [first, second] = self.workers;
  first.posts[0].reply(valueOf(first.call("busy")));
  first.cells[first.call("busy").cell] = Cell.DONE;
  await settled();
  assertEquals(first.sent, [["busy"], ["untold"]]);
  // Behind it, at the worker that is about to be told to stop.
  self.call("behind", 0.01);
  await settled();
  first.cells[first.call("untold").cell] = Cell.RUNNING;
  second.early(valueOf(second.call("untold"), "the first answer"));
  await settled();
  assertEquals(self.ended, ["busy", "the first answer"]);
  assertEquals(first.cells[first.call("untold").cell], Cell.CANCELLED);
  first.posts[1].reply(noValueOf(first.call("untold"), "stopped"));
  await settled();
  // Whatever worker it is at.
  second.posts[0].reply(valueOf(second.call("slow")));
  await settled();
  for (const worker of self.workers) {
    for (const { calls, reply } of worker.posts) {
      if (calls.some(({ args }) => args[0] === "behind")) {
        reply(...calls.map((call) => valueOf(call)));
      }
    }
  }
  await settled();
  assertEquals(self.ended, ["busy", "the first answer", "slow", "behind"]);
  assertEquals(self.pool.stats().totals.done, 4);
  self.assertIdle();
});

Deno.test("a pure call that was done and taken back is settled once, if both runs end with a value", async () => {
  for (const order of ["first", "second"] as const) {
    await using self = await untold();
    const [first, second] = self.workers;
    first.posts[0].reply(valueOf(first.call("busy")));
    first.cells[first.call("busy").cell] = Cell.DONE;
    await settled();
    first.cells[first.call("untold").cell] = Cell.DONE;
    const tell = {
      first: () => second.early(valueOf(second.call("untold"), "first")),
      second: () => first.posts[1].reply(valueOf(first.call("untold"), "second")),
    };
    tell[order]();
    await settled();
    tell[order === "first" ? "second" : "first"]();
    await settled();
    assertEquals(self.ended, ["busy", order]);
    await endOthers(self);
    assertEquals(self.pool.stats().totals.done, 3);
    self.assertIdle();
  }
});

Deno.test("a pure call that was done and taken back is not taken back from its second run", async () => {
  await using self = await untold();
  const [first, second] = self.workers;
  first.posts[0].reply(valueOf(first.call("busy")));
  first.cells[first.call("busy").cell] = Cell.DONE;
  await settled();
  const { cell } = first.call("untold");
  first.cells[cell] = Cell.RUNNING;
  // Told to stop, it is done before the pool looks again: between the two, the pool sets a timer.
  const { clock } = self;
  clock.after = (ms, callback) => {
    first.cells[cell] = Cell.DONE;
    clock.after = FakeClock.prototype.after;
    return clock.after(ms, callback);
  };
  second.early(valueOf(second.call("untold"), "first"));
  await settled();
  assertEquals(first.cells[cell], Cell.DONE);
  assertEquals([self.ended, self.pool.stats().queue.length], [["busy", "first"], 0]);
  first.posts[1].reply(valueOf(first.call("untold"), "second"));
  second.posts[0].reply(valueOf(second.call("slow")));
  await settled();
  assertEquals(self.ended, ["busy", "first", "slow"]);
  assertEquals(self.workers.map(({ posts }) => posts.length), [2, 1]);
  assertEquals(self.pool.stats().totals.done, 3);
  self.assertIdle();
});

Deno.test("a pure call that was done and taken back is settled before its second run is posted", async () => {
  await using self = await untold();
  const [first, second] = self.workers;
  first.cells[first.call("busy").cell] = Cell.DONE;
  // Both in one turn: it is given to the first worker, and not posted yet.
  first.early(valueOf(first.call("busy")));
  second.early(valueOf(second.call("untold")));
  first.posts[0].reply();
  await settled();
  assertEquals(first.sent, [["busy"]]);
  assertEquals(self.ended.toSorted(), ["busy", "untold"]);
  await endOthers(self);
  self.assertIdle();
});

Deno.test("a pure call that was done and taken back still has its deadline", async () => {
  await using self = await untold();
  const [, second] = self.workers;
  self.clock.advance(995);
  await settled();
  assertEquals(self.ended, ["untold: DeadlineExceededError"]);
  second.early(valueOf(second.call("untold")));
  await endOthers(self);
  assertEquals(self.ended, ["untold: DeadlineExceededError", "busy", "slow"]);
  self.assertIdle();
});

Deno.test("a call that is not pure is not taken back once it is done", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("done", 0.01, { pure: false });
  self.call("slow", 0.01);
  self.call("behind", 0.01);
  await settled();
  worker.cells[worker.call("done").cell] = Cell.DONE;
  worker.cells[worker.call("slow").cell] = Cell.RUNNING;
  self.clock.advance(5);
  await settled();
  assertEquals(worker.cells[worker.call("done").cell], Cell.DONE);
  assertEquals(worker.cells[worker.call("behind").cell], Cell.WITHDRAWN);
  assertEquals(self.pool.stats().queue.length, 1);
});

Deno.test("a pure call that was done and taken back waits for its reports to be read", async () => {
  const told: unknown[] = [];
  const read = Promise.withResolvers<void>();
  await using self = await untold({
    reports: "all",
    onReport: (value) => {
      told.push(value);
      return read.promise;
    },
  });
  const [, second] = self.workers;
  for (const value of [1, 2]) second.report(second.call("untold"), value);
  second.early(valueOf(second.call("untold")));
  await settled();
  assertEquals([told, self.ended], [[1], []]);
  read.resolve();
  await settled();
  assertEquals([told, self.ended], [[1, 2], ["untold"]]);
  assertEquals(self.pool.stats().queue.length, 0);
  await endOthers(self);
  self.assertIdle();
});
