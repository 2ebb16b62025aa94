/**
 * Any sequence of calls, aborts, answers, deaths and passing time, against what the pool promises:
 *
 * - every call that was made settles, once;
 * - never more running than there are slots, never more waiting than the queue may hold;
 * - what was aborted before it started never starts;
 * - each start has its end told to `onRun`, once;
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
  /** The ids of the calls whose runs are over. */
  readonly ran: unknown[] = [];
  readonly harness = new Harness({
    size: SIZE,
    maxQueue: MAX_QUEUE,
    cancelGraceMs: 100,
    onRun: ({ tag }) => this.ran.push(tag),
  });
  readonly made: Made[] = [];

  call(options: { estimateMs?: number; deadlineMs?: number; pure?: boolean }): void {
    const id = `call ${this.made.length}`;
    const controller = new AbortController();
    const made: Made = {
      id,
      controller,
      settled: 0,
      abortedUnstarted: false,
      done: this.harness.pool.call("hold", [id], {
        ...options,
        tag: id,
        signal: controller.signal,
      }).then(
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
    const { calls, restarts: _, wedged: __, ...ends } = stats.totals;
    const ended = Object.values(ends).reduce((sum, count) => sum + count, 0);
    assert(ended <= calls);
  }
}

type Command = fc.AsyncCommand<Record<never, never>, Real>;

/** Something that happens at once. */
interface Action {
  readonly name: string;
  run(real: Real): void;
}

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

const actions = fc.oneof(
  fc.record({
    estimateMs: fc.constantFrom(undefined, 0.1, 10),
    deadlineMs: fc.constantFrom(undefined, 30, 1_000),
    pure: fc.boolean(),
  }).map((options): Action => ({
    name: `call(${JSON.stringify(options)})`,
    run: (real) => real.call(options),
  })),
  fc.nat().map((n): Action => ({
    name: `abort(${n})`,
    run({ made, harness }) {
      const call = made[n % (made.length || 1)];
      if (!call) return;
      call.abortedUnstarted ||= !harness.started.includes(call.id);
      call.controller.abort();
    },
  })),
  fc.nat().map((n): Action => ({
    name: `answer(${n})`,
    run({ harness }) {
      const ids = [...harness.held.keys()];
      if (ids.length > 0) harness.release(ids[n % ids.length]);
    },
  })),
  fc.nat().map((n): Action => ({
    name: `die(${n})`,
    run({ harness }) {
      const worker = n % harness.workers.length;
      harness.workers[worker].die();
      for (const [id, call] of harness.held) if (call.worker === worker) harness.held.delete(id);
    },
  })),
  fc.nat().map((n): Action => ({
    name: `error(${n})`,
    run({ harness }) {
      const { workers } = harness;
      workers[n % workers.length].dispatchEvent(
        new ErrorEvent("error", { message: "uncaught", cancelable: true }),
      );
    },
  })),
  fc.constantFrom(1, 10, 100).map((ms): Action => ({
    name: `advance(${ms})`,
    run: ({ harness }) => harness.clock.advance(ms),
  })),
);

const commands = [
  // Several in one turn: what is in the way of one is still in the way of the next.
  fc.array(actions, { minLength: 1, maxLength: 4 }).map((actions) =>
    command(actions.map(({ name }) => name).join("; "), (real) => {
      for (const action of actions) action.run(real);
    })
  ),
  fc.constant(
    command("turn()", () => new Promise((resolve) => setTimeout(resolve, 0))),
  ),
];

Deno.test("a pool keeps its promises, whatever happens in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.commands(commands, { maxCommands: 60 }),
      fc.boolean(),
      async (commands, ready) => {
        const real = new Real();
        if (ready) await real.harness.pool.ready;
        await fc.asyncModelRun(() => ({ model: {}, real }), commands);
        const { harness, made } = real;
        // Whatever is left is let go, and all that was made has an end.
        await harness.passTimeUntil(() => {
          for (const id of [...harness.held.keys()]) harness.release(id);
          return made.every(({ settled }) => settled > 0);
        });
        real.check();
        for (const { settled } of made) assertEquals(settled, 1);
        // A death takes a turn to be noticed; what seemed wedged till then is not in the end.
        await harness.passTimeUntil(() => harness.pool.stats().totals.wedged === 0);
        const { calls, restarts: _, wedged: __, ...ends } = harness.pool.stats().totals;
        assertEquals(Object.values(ends).reduce((sum, count) => sum + count, 0), calls);
        await harness[Symbol.asyncDispose]();
        assertEquals(real.ran.sort(), harness.started.sort());
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: true },
  );
});
