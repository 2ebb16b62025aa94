// What a worker is sent, and when: seen from the worker's side.

import { assertEquals } from "@std/assert";
import { encodeError } from "../../lib/pool/error_codec.ts";
import { type Answer, Cell } from "../../lib/pool/sending/protocol.ts";
import { noValueOf, valueOf } from "./scripted_worker.ts";
import { Fixture, settled } from "./mailbox_fixture.ts";

Deno.test("Mailbox posts an idle worker's first call in the same turn", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("a");
  assertEquals(worker.sent, []);
  await null;
  assertEquals(worker.sent, [["a"]]);
  assertEquals(self.clock.now(), 20);
});

Deno.test("Mailbox posts in one message what is called in one turn", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  for (const name of ["a", "b", "c"]) self.call(name, 0.1);
  await null;
  assertEquals(worker.sent, [["a", "b", "c"]]);
});

Deno.test("Mailbox keeps short calls while a message is out, and posts them in one when it is back", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("a", 0.01);
  await settled();
  for (const name of ["b", "c", "d", "e"]) {
    self.call(name, 0.01);
    await settled();
  }
  assertEquals(worker.sent, [["a"]]);
  assertEquals(self.pool.stats().slots[0].inFlight, 5);
  worker.posts[0].reply(valueOf(worker.call("a")));
  await settled();
  assertEquals(worker.sent, [["a"], ["b", "c", "d", "e"]]);
  assertEquals(self.ended, ["a"]);
  worker.posts[1].reply(...worker.posts[1].calls.map((call) => valueOf(call)));
  await settled();
  assertEquals(self.ended, ["a", "b", "c", "d", "e"]);
  self.assertIdle();
});

Deno.test("Mailbox posts a second message for 50 µs of work, and no third", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("a", 0.01);
  await settled();
  self.call("b", 0.02);
  self.call("c", 0.029);
  await settled();
  assertEquals(worker.sent, [["a"]]);
  self.call("d", 0.001);
  await settled();
  assertEquals(worker.sent, [["a"], ["b", "c", "d"]]);
  self.call("e", 1);
  await settled();
  assertEquals(worker.sent.length, 2);
  worker.posts[0].reply(valueOf(worker.call("a")));
  await settled();
  assertEquals(worker.sent, [["a"], ["b", "c", "d"], ["e"]]);
});

Deno.test("Mailbox does not take early answers for a message that is back", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  for (const name of ["a", "b"]) self.call(name, 0.01);
  await settled();
  self.call("c", 0.01);
  worker.early(valueOf(worker.call("a")));
  await settled();
  assertEquals([self.ended, worker.sent], [["a"], [["a", "b"]]]);
  worker.posts[0].reply(valueOf(worker.call("b")));
  await settled();
  assertEquals([self.ended, worker.sent], [["a", "b"], [["a", "b"], ["c"]]]);
});

Deno.test("Mailbox takes 4 ms of known work, and what is more waits in the queue", async () => {
  await using self = new Fixture();
  const names = ["a", "b", "c", "d", "e", "f"];
  for (const name of names) self.call(name, 1);
  await settled();
  assertEquals(self.workers[0].sent, [["a", "b", "c", "d"]]);
  assertEquals(self.pool.stats().queue.length, 2);
  self.workers[0].early(valueOf(self.workers[0].call("a")));
  await settled();
  assertEquals(self.pool.stats().queue.length, 1);
  assertEquals(self.pool.stats().slots[0].inFlight, 4);
});

Deno.test("Mailbox sends no call of unknown cost behind another, and none behind it", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("known", 0.01);
  self.call("unknown");
  self.call("after", 0.01);
  await settled();
  assertEquals(worker.sent, [["known"]]);
  assertEquals(self.pool.stats().queue.length, 2);
});

Deno.test("Mailbox sends nothing behind a call of unknown cost", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("unknown");
  self.call("short", 0.001);
  await settled();
  assertEquals(worker.sent, [["unknown"]]);
  assertEquals(self.pool.stats().queue.length, 1);
  worker.posts[0].reply(valueOf(worker.call("unknown")));
  await settled();
  assertEquals(worker.sent, [["unknown"], ["short"]]);
});

Deno.test("Mailbox lets calls share a message only if their arguments are values", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  const calls = [["a"], [{ of: "b" }], ["c"], ["d"]].map((args) =>
    self.pool.call("echo", args as [unknown], { estimateMs: 0.1 }).catch((error) => error.name)
  );
  await settled();
  assertEquals(worker.sent, [["a"], [{ of: "b" }]]);
  for (const post of [0, 1, 2]) {
    worker.posts[post].reply(...worker.posts[post].calls.map((call) => valueOf(call)));
    await settled();
  }
  assertEquals(worker.sent, [["a"], [{ of: "b" }], ["c", "d"]]);
  assertEquals(await Promise.all(calls), ["a", { of: "b" }, "c", "d"]);
});

Deno.test("a call that waits behind another at its worker is dropped when it has waited too long", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("slow", 0.01);
  self.call("behind", 0.01, { maxWaitMs: 3, deadlineMs: 1_000 });
  await settled();
  assertEquals(worker.sent, [["slow", "behind"]]);
  worker.cells[worker.call("slow").cell] = Cell.RUNNING;
  self.clock.advance(3);
  await settled();
  assertEquals(self.ended, ["behind: OverloadedError"]);
  assertEquals(worker.cells[worker.call("behind").cell], Cell.WITHDRAWN);
  worker.posts[0].reply(valueOf(worker.call("slow")), noValueOf(worker.call("behind"), "skipped"));
  await settled();
  assertEquals(self.ended, ["behind: OverloadedError", "slow"]);
  self.assertIdle();
});

Deno.test("a call that was started in time is not dropped for having waited", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  self.call("slow", 0.01);
  self.call("behind", 0.01, { maxWaitMs: 3, deadlineMs: 1_000 });
  await settled();
  worker.cells[worker.call("slow").cell] = Cell.DONE;
  worker.cells[worker.call("behind").cell] = Cell.RUNNING;
  self.clock.advance(4);
  await settled();
  assertEquals(self.ended, []);
  worker.posts[0].reply(valueOf(worker.call("slow")), valueOf(worker.call("behind")));
  await settled();
  assertEquals(self.ended, ["slow", "behind"]);
  self.assertIdle();
});

Deno.test("Mailbox never posts a call that was aborted in the turn it was made", async () => {
  await using self = new Fixture();
  const controller = new AbortController();
  self.call("a", 0.1, { signal: controller.signal });
  self.call("b", 0.1);
  controller.abort(new Error("left"));
  await settled();
  assertEquals(self.workers[0].sent, [["b"]]);
});

Deno.test("a run that took no time by its worker's clock is a run", async () => {
  await using self = new Fixture();
  const [worker] = self.workers;
  const ends: string[] = [];
  self.pool.observe({ onRun: ({ end }) => ends.push(end) });
  self.call("a");
  self.call("b");
  for (const [i, name] of ["a", "b"].entries()) {
    await settled();
    const { cell } = worker.call(name);
    const answer: Answer = i === 0
      ? { cell, kind: "value", value: name, runMs: 0 }
      : { cell, kind: "error", value: encodeError(new RangeError(name)), runMs: 0 };
    worker.posts[i].reply(answer);
  }
  await settled();
  assertEquals([self.ended, ends], [["a", "b: RangeError"], ["done", "failed"]]);
  assertEquals(self.pool.stats().runMs.count, 2);
});

Deno.test("close() that ends no thread leaves no timer for a call that does not stop", async () => {
  await using self = new Fixture(1, { watchdog: true });
  const [worker] = self.workers;
  // Until then its watchdog will cut it, which is worth waiting for.
  self.call("deaf", 1, { deadlineMs: 60_000 });
  await null;
  worker.cells[worker.call("deaf").cell] = Cell.RUNNING;
  const closed = self.pool.close({ graceMs: 0, terminate: false });
  for (const ms of [0, 1_000]) {
    self.clock.advance(ms);
    await settled();
  }
  assertEquals(await closed, { abandoned: 1, wedged: 0 });
  assertEquals(self.clock.pending, 0);
});
