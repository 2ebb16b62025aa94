/**
 * Any sequence of calls, aborts, answers, deaths and passing time, against what the pool promises:
 *
 * - every call that was made settles, once;
 * - never more running than there are slots, never more waiting than the queue may hold;
 * - what was aborted before it started never starts;
 * - a value goes to the call it belongs to.
 */

import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Harness } from "./harness.ts";

const SIZE = 2;
const MAX_QUEUE = 3;

interface Made {
  readonly id: string;
  readonly controller: AbortController;
  readonly done: Promise<void>;
  settled: number;
  abortedUnstarted: boolean;
}

class Real {
  readonly harness = new Harness({ size: SIZE, maxQueue: MAX_QUEUE, cancelGraceMs: 100 });
  readonly made: Made[] = [];

  call(options: { estimateMs?: number; deadlineMs?: number; pure?: boolean }): void {
    const id = `call ${this.made.length}`;
    const controller = new AbortController();
    const made: Made = {
      id,
      controller,
      settled: 0,
      abortedUnstarted: false,
      done: this.harness.pool.call("hold", [id], { ...options, signal: controller.signal }).then(
        (value) => {
          made.settled++;
          assertEquals(value, id);
        },
        (error) => {
          made.settled++;
          assert(error instanceof Error || error instanceof DOMException);
        },
      ),
    };
    this.made.push(made);
  }

  check(): void {
    const { pool, started, workers, held } = this.harness;
    const stats = pool.stats();
    assert(
      stats.queue.length <= MAX_QUEUE + SIZE,
      "what is taken back may exceed the bound, no more",
    );
    const running = stats.slots.filter(({ job }) => job !== null);
    assert(running.length <= SIZE);
    for (const worker of workers.keys()) {
      const on = [...held.values()].filter((call) => call.worker === worker);
      assert(on.length <= 1, `worker ${worker} is on ${on.length} calls`);
    }
    for (const { id, settled, abortedUnstarted } of this.made) {
      assert(settled <= 1);
      if (abortedUnstarted) assert(!started.includes(id), `${id} was started after its abort`);
    }
    const { calls, restarts: _, wedged, ...ends } = stats.totals;
    assertEquals(wedged, 0);
    const ended = Object.values(ends).reduce((sum, count) => sum + count, 0);
    assert(ended <= calls);
  }
}

type Command = fc.AsyncCommand<Record<never, never>, Real>;

function command(name: string, run: (real: Real) => void | Promise<void>): Command {
  return {
    check: () => true,
    async run(_, real) {
      await run(real);
      real.check();
    },
    toString: () => name,
  };
}

const commands = [
  fc.record({
    estimateMs: fc.constantFrom(undefined, 0.1, 10),
    deadlineMs: fc.constantFrom(undefined, 30, 1_000),
    pure: fc.boolean(),
  }).map((options) => command(`call(${JSON.stringify(options)})`, (real) => real.call(options))),
  fc.nat().map((n) =>
    command(`abort(${n})`, ({ made, harness }) => {
      const call = made[n % (made.length || 1)];
      if (!call) return;
      call.abortedUnstarted ||= !harness.started.includes(call.id);
      call.controller.abort();
    })
  ),
  fc.nat().map((n) =>
    command(`answer(${n})`, ({ harness }) => {
      const ids = [...harness.held.keys()];
      if (ids.length > 0) harness.release(ids[n % ids.length]);
    })
  ),
  fc.nat().map((n) =>
    command(`die(${n})`, ({ harness }) => {
      const worker = n % harness.workers.length;
      harness.workers[worker].die();
      for (const [id, call] of harness.held) if (call.worker === worker) harness.held.delete(id);
    })
  ),
  fc.constantFrom(1, 10, 100).map((ms) =>
    command(`advance(${ms})`, ({ harness }) => harness.clock.advance(ms))
  ),
  fc.constant(
    command("turn()", () => new Promise((resolve) => setTimeout(resolve, 0))),
  ),
];

Deno.test("a pool keeps its promises, whatever happens in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(commands, { maxCommands: 60 }), async (commands) => {
      const real = new Real();
      await fc.asyncModelRun(() => ({ model: {}, real }), commands);
      const { harness, made } = real;
      // Whatever is left is let go, and all that was made has an end.
      let unsettled = made.length;
      Promise.all(made.map(({ done }) => done)).then(() => unsettled = 0);
      for (let turn = 0; unsettled > 0; turn++) {
        assert(turn < 1_000, `unsettled for ever: ${JSON.stringify(harness.pool.stats())}`);
        for (const id of [...harness.held.keys()]) harness.release(id);
        harness.clock.advance(10);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      real.check();
      for (const { settled } of made) assertEquals(settled, 1);
      const { calls, restarts: _, wedged: __, ...ends } = harness.pool.stats().totals;
      assertEquals(Object.values(ends).reduce((sum, count) => sum + count, 0), calls);
      await harness[Symbol.asyncDispose]();
    }),
    { numRuns: 200, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
});
