// What a worker is sent, and when: seen from the worker's side.

import { assertEquals } from "@std/assert";
import { type CallOptions, WorkerPool } from "../../lib/pool/mod.ts";
import { Cell } from "../../lib/pool/sending/protocol.ts";
import { FakeClock } from "./fake_clock.ts";
import { noValueOf, ScriptedWorker, valueOf } from "./scripted_worker.ts";

interface Api {
  echo(value: unknown): unknown;
}

/** A pool whose workers are ready, and do what the test says. */
class Fixture implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly workers: ScriptedWorker[] = [];
  readonly pool: WorkerPool<Api>;
  /** What became of calls by the name of each, in order. */
  readonly ended: string[] = [];

  constructor(size = 1) {
    this.pool = new WorkerPool<Api>({
      size,
      clock: this.clock,
      spawn: () => {
        const worker = new ScriptedWorker();
        this.workers.push(worker);
        return worker;
      },
    });
    this.clock.advance(20 * size);
    for (const worker of this.workers) worker.ready();
  }

  /** Calls by a name. */
  call(name: string, estimateMs?: number, options: CallOptions = {}): void {
    this.pool.call("echo", [name], { estimateMs, pure: true, ...options }).then(
      (value) => this.ended.push(String(value)),
      (error) => this.ended.push(`${name}: ${error.name}`),
    );
  }

  /** Asserts that nothing is left of any call, however long one waits. */
  assertIdle(): void {
    this.clock.advance(1e6);
    const { slots, queue } = this.pool.stats();
    assertEquals(
      slots.map(({ state, inFlight }) => [state, inFlight]),
      slots.map(() => ["idle", 0]),
    );
    assertEquals([queue.length, queue.predictedWaitMs], [0, 0]);
    assertEquals(this.clock.pending, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.pool.close({ graceMs: 0 });
    // First the calls' grace passes, then that of the workers.
    for (const _ of ["calls", "workers"]) {
      this.clock.advance(10_000);
      await settled();
    }
    await closed;
    assertEquals(this.clock.pending, 0);
  }
}

/** Lets every promise that can settle do so. */
const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

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

/**
 * Two workers, and a pure call that one of them is through with and has not told: the answer is held for the
 * call behind it, which is late. So the pool has taken it back.
 */
async function untold(): Promise<Fixture> {
  const self = new Fixture(2);
  const [first, second] = self.workers;
  self.call("busy", undefined, { pure: false });
  self.call("untold", 0.01, { deadlineMs: 1_000 });
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
