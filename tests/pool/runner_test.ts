import { assertEquals, assertInstanceOf, assertStrictEquals } from "@std/assert";
import { checkpoint, type Current, current } from "../../lib/pool/inside/current.ts";
import { decodeError } from "../../lib/pool/error_codec.ts";
import { StoppedError } from "../../lib/pool/errors.ts";
import {
  type Answer,
  type Call,
  Cell,
  CELLS,
  type Early,
  packCalls,
  type Packed,
  type Report,
  unpackAnswers,
} from "../../lib/pool/sending/protocol.ts";
import { continueTrace } from "../../lib/otel.ts";
import { transfer } from "../../lib/pool/inside/replies.ts";
import { makeRunner } from "../../lib/pool/inside/runner.ts";
import { type Watchdog, watchdog } from "../../lib/pool/watchdog.ts";

type Methods = Record<string, (...args: never[]) => unknown>;

/** A call as a test writes it: its method, and whatever it has beside that. */
type Brief = [method: string, rest?: Partial<Call>];

/** A runner without a worker around it, in a time that stands still until a method lets it pass. */
class Fixture implements Disposable {
  readonly cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  readonly unread = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  /** What happened, in order: methods that ran, watchdogs that began and ended, answers that were told. */
  readonly log: string[] = [];
  /** Limits of the watchdog's runs. */
  readonly limits: number[] = [];
  /** What happens when answers are told early, before they are. */
  onEarly = () => {};
  /** What happens when the runner looks at the time, before it sees it. */
  onLook = () => {};
  /** The time. */
  nowMs = 0;
  readonly #runner;

  /** @param around What the watchdog does with what it is to run. */
  constructor(methods: Methods = {}, around: Watchdog = (run) => run()) {
    performance.now = () => {
      this.onLook();
      return this.nowMs;
    };
    this.#runner = makeRunner({
      // As the service does, which imports it when the first trace comes in.
      continueTrace: async (...call) => {
        await null;
        return continueTrace(...call);
      },
      lookUp: (method) => {
        const own = methods[method];
        return (...args) => {
          this.log.push(method);
          return own ? own(...args as never[]) : method.toUpperCase();
        };
      },
      cells: this.cells,
      unread: this.unread,
      watchdog: (run, limitMs) => {
        this.limits.push(limitMs);
        return around(run, limitMs);
      },
      port: {
        postMessage: (posted) => {
          const message = posted as Early | Report;
          if (message.type === "pool:report") {
            return void this.log.push(`report: ${message.cell} ${message.value}`);
          }
          this.onEarly();
          this.#told("early", message.answers);
        },
        addEventListener() {},
        removeEventListener() {},
      },
    });
  }

  /** Runs calls as if they had come in one message. Cells count up from `firstCell`. */
  async run(briefs: readonly Brief[], firstCell = 0): Promise<Answer[]> {
    const calls = briefs.map(([method, rest], i): Call => ({
      cell: firstCell + i,
      method,
      args: [],
      limitMs: 0,
      pure: true,
      reports: undefined,
      carrier: undefined,
      ...rest,
    }));
    const answers = await this.#runner.run(packCalls(calls));
    this.#told("last", answers);
    return unpackAnswers(answers);
  }

  /** Time goes on. */
  [Symbol.dispose](): void {
    // What is left is the prototype's.
    delete (performance as { now?: unknown }).now;
  }

  #told(when: string, answers: Packed<Answer>): void {
    const all = unpackAnswers(answers).map(({ cell, outcome }) => {
      const value = outcome.kind === "value" ? ` ${JSON.stringify(outcome.value)}` : "";
      return `${cell} ${outcome.kind}${value}`;
    });
    this.log.push(`${when}: ${all.join(", ")}`);
  }
}

/** Keeps the thread until the watchdog strikes. */
function endless(): void {
  while (Date.now() > 0);
}

const limited = (limitMs: number) => ({ limitMs });

Deno.test("Runner runs calls with near limits under one watchdog, which has the latest of them", async () => {
  using self = new Fixture();
  const answers = await self.run([
    ["a", limited(100)],
    ["b", limited(110)],
    ["c", limited(90)],
    ["d", limited(95)],
  ]);
  assertEquals(self.limits, [110]);
  assertEquals(answers.map(({ outcome }) => outcome.kind), Array(4).fill("value"));
});

Deno.test("Runner gives a call a watchdog of its own if its limit is more than 10 ms off", async () => {
  using self = new Fixture();
  await self.run([
    ["a", limited(100)],
    ["b", limited(111)],
    ["c", limited(100)],
    ["d", limited(89)],
    ["e", limited(89)],
  ]);
  assertEquals(self.limits, [100, 111, 100, 89]);
  assertEquals(self.log.slice(0, -1), ["a", "b", "c", "d", "e"]);
});

Deno.test("Runner measures how far limits are apart from the first that shares the watchdog", async () => {
  using self = new Fixture();
  await self.run([["a", limited(100)], ["b", limited(108)], ["c", limited(116)]]);
  assertEquals(self.limits, [108, 116]);
});

Deno.test("Runner runs calls without a limit under no watchdog, apart from those with one", async () => {
  using self = new Fixture();
  await self.run([["a"], ["b", limited(5)], ["c", limited(1)], ["d"], ["e"]]);
  assertEquals(self.limits, [5]);
  assertEquals(self.log.slice(0, -1), ["a", "b", "c", "d", "e"]);
});

Deno.test("Runner lets no call share a watchdog that has run for 10 ms or more", async () => {
  using self: Fixture = new Fixture({ long: () => void (self.nowMs += 10) });
  await self.run([["long", limited(100)], ["b", limited(100)], ["c", limited(100)]]);
  assertEquals(self.limits, [100, 100]);
});

Deno.test("Runner answers 'stopped' to the call that the watchdog cuts, and runs those behind it", async () => {
  // The real one: nothing else passes by every catch and finally.
  using self = new Fixture({ endless }, watchdog);
  await self.run([
    ["a", limited(50)],
    ["endless", limited(50)],
    ["c", limited(50)],
    ["d", limited(50)],
  ]);
  assertEquals(self.log, [
    "a",
    "endless",
    "c",
    "d",
    'last: 0 value "A", 1 stopped, 2 value "C", 3 value "D"',
  ]);
  assertEquals([...self.cells.slice(0, 4)], Array(4).fill(Cell.DONE));
});

Deno.test("Runner tells no call twice that it answered before the watchdog cut another", async () => {
  using self = new Fixture({ endless }, watchdog);
  await self.run([
    ["a", { limitMs: 50, pure: false }],
    ["endless", { limitMs: 50, pure: false }],
    ["c", { limitMs: 50, pure: false }],
  ]);
  assertEquals(self.log, [
    "a",
    'early: 0 value "A"',
    "endless",
    "c",
    'last: 1 stopped, 2 value "C"',
  ]);
});

Deno.test.each(["before the first", "after the last"])(
  "Runner loses no call if the watchdog strikes %s",
  async (when) => {
    let strikes = 0;
    using self = new Fixture({}, (run) => {
      const strike = strikes++ === 0;
      if (!strike) return run();
      if (when === "after the last") run();
      throw new StoppedError("time is up");
    });
    await self.run([["a", limited(50)], ["b", limited(50)]]);
    assertEquals(self.log, ["a", "b", 'last: 0 value "A", 1 value "B"']);
  },
);

Deno.test("Runner loses no call if the watchdog strikes between two of them", async () => {
  using self = new Fixture();
  const impure = { limitMs: 50, pure: false };
  // The first thing to happen between an early answer and the next call is a look at the time.
  self.onEarly = () => {
    self.onLook = () => {
      self.onLook = () => {};
      throw new StoppedError("time is up");
    };
  };
  await self.run([["a", impure], ["b", impure], ["c", impure]]);
  assertEquals(self.log, [
    "a",
    'early: 0 value "A"',
    "b",
    'early: 1 value "B"',
    "c",
    'last: 2 value "C"',
  ]);
  assertEquals(self.limits, [50, 50, 50]);
});

Deno.test("Runner ends its worker if the watchdog strikes while it tells: nobody knows what was told", async () => {
  const uncaught = Promise.withResolvers<unknown>();
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.resolve(event.error);
  };
  globalThis.addEventListener("error", caught);
  try {
    using self = new Fixture();
    const strike = new StoppedError("time is up");
    self.onEarly = () => {
      throw strike;
    };
    const impure = { limitMs: 50, pure: false };
    let answered = false;
    self.run([["a", impure], ["b", impure]]).then(() => answered = true);
    assertStrictEquals(await uncaught.promise, strike);
    assertEquals([self.log, answered], [["a"], false]);
  } finally {
    globalThis.removeEventListener("error", caught);
  }
});

Deno.test("Runner answers a call that is not pure before the next one starts", async () => {
  using self = new Fixture();
  const impure = { pure: false };
  await self.run([["a"], ["b", impure], ["c", impure], ["d"], ["e", impure]]);
  assertEquals(self.log, [
    "a",
    "b",
    'early: 0 value "A", 1 value "B"',
    "c",
    'early: 2 value "C"',
    "d",
    "e",
    'last: 3 value "D", 4 value "E"',
  ]);
});

Deno.test("Runner answers pure calls with the last", async () => {
  using self = new Fixture();
  await self.run([["a"], ["b"], ["c"]]);
  assertEquals(self.log, ["a", "b", "c", 'last: 0 value "A", 1 value "B", 2 value "C"']);
});

Deno.test("Runner holds no answer for longer than half a millisecond of work", async () => {
  using self: Fixture = new Fixture({ long: () => void (self.nowMs += 0.51) });
  await self.run([["a"], ["long"], ["b"]]);
  assertEquals(self.log, [
    "a",
    "long",
    'early: 0 value "A", 1 value undefined',
    "b",
    'last: 2 value "B"',
  ]);
});

Deno.test("Runner gives an object that is returned twice to each caller for itself", async () => {
  const shared = {};
  using self = new Fixture({ same: () => shared });
  await self.run([["same"], ["same"], ["a"]]);
  assertEquals(self.log, [
    "same",
    "early: 0 value {}",
    "same",
    "early: 1 value {}",
    "a",
    'last: 2 value "A"',
  ]);
});

Deno.test("Runner answers an object in a message of its own, moved parts and all", async () => {
  const bytes = new Uint8Array(8);
  using self = new Fixture({ moved: () => transfer(bytes, [bytes.buffer]) });
  await self.run([["a"], ["moved"], ["b"]]);
  assertEquals(self.log.filter((line) => /^early/.test(line)).length, 2);
  assertEquals(self.log.at(2), 'early: 0 value "A"');
  assertEquals(self.log.at(-1), 'last: 2 value "B"');
});

Deno.test("Runner answers each call for itself if the watchdog strikes as an async method returns", async () => {
  let strikes = 0;
  using self = new Fixture({ slow: () => Promise.resolve("of slow") }, (run) => {
    const result = run();
    if (strikes++ === 0) throw new StoppedError("time is up");
    return result;
  });
  await self.run([["slow", limited(50)], ["b", limited(50)]]);
  assertEquals(self.log, ["slow", 'early: 0 value "of slow"', "b", 'last: 1 value "B"']);
});

Deno.test("Runner waits for an async method before it starts the next call", async () => {
  const gate = Promise.withResolvers<string>();
  using self = new Fixture({ slow: () => gate.promise });
  const answers = self.run([["a"], ["slow"], ["b"]]);
  const other = self.run([["c"]], 8);
  // What was done before it is not held until it ends.
  assertEquals(self.log, ["a", "slow", 'early: 0 value "A"']);
  gate.resolve("at last");
  await Promise.all([answers, other]);
  const isTold = (line: string) => line.includes(":");
  assertEquals(self.log.filter((line) => !isTold(line)), ["a", "slow", "b", "c"]);
  assertEquals(self.log.filter(isTold), [
    'early: 0 value "A"',
    'early: 1 value "at last"',
    'last: 2 value "B"',
    'last: 8 value "C"',
  ]);
});

Deno.test("Runner answers the failure of an async method, and goes on", async () => {
  using self = new Fixture({
    // deno-lint-ignore require-await -- it is to reject, not to throw
    rejects: async () => {
      throw new RangeError("own");
    },
  });
  const [last] = await self.run([["a"], ["rejects"], ["b"]]);
  assertEquals(self.log, [
    "a",
    "rejects",
    'early: 0 value "A"',
    "early: 1 error",
    "b",
    'last: 2 value "B"',
  ]);
  assertEquals(last.outcome.kind, "value");
});

Deno.test("Runner answers what a method throws, and goes on", async () => {
  using self = new Fixture({
    throws: () => {
      throw new RangeError("own");
    },
  });
  const answers = await self.run([["a"], ["throws"], ["b"]]);
  const { outcome } = answers[1];
  if (outcome.kind !== "error") throw new Error(outcome.kind);
  assertInstanceOf(decodeError(outcome.error), RangeError);
  assertEquals(self.log, ["a", "throws", "b", 'last: 0 value "A", 1 error, 2 value "B"']);
});

Deno.test("Runner skips what was withdrawn, without a word to its method", async () => {
  using self = new Fixture();
  self.cells[1] = Cell.WITHDRAWN;
  await self.run([["a"], ["b"], ["c"]]);
  assertEquals(self.log, ["a", "c", 'last: 0 value "A", 1 skipped, 2 value "C"']);
});

Deno.test("Runner stops a call at its checkpoint once it is cancelled, and no other", async () => {
  using self: Fixture = new Fixture({
    cancelled: () => {
      checkpoint();
      self.cells[1] = Cell.CANCELLED;
      checkpoint();
      self.log.push("went on");
    },
    other: () => checkpoint(),
  });
  await self.run([["other"], ["cancelled"], ["other"]]);
  checkpoint();
  assertEquals(self.log, [
    "other",
    "cancelled",
    "other",
    "last: 0 value undefined, 1 stopped, 2 value undefined",
  ]);
});

Deno.test("checkpoint() does nothing outside a call, the one that the watchdog cut included", async () => {
  using self = new Fixture({ endless }, watchdog);
  await self.run([["endless", limited(20)]]);
  self.cells[0] = Cell.CANCELLED;
  checkpoint();
});

Deno.test("what a cut call has left behind neither reports nor stops for the next one in its cell", async () => {
  let left: Current | undefined;
  using self = new Fixture({
    cut() {
      left = current();
      endless();
    },
    next: () => left!.report("stray"),
  }, watchdog);
  await self.run([["cut", { limitMs: 50, reports: "latest" }]]);
  self.cells[0] = Cell.SENT;
  await self.run([["next", { reports: "latest" }]]);
  assertEquals(self.log, ["cut", "last: 0 stopped", "next", "last: 0 value undefined"]);
  self.cells[0] = Cell.CANCELLED;
  left!.checkpoint();
  assertEquals(left!.signal.aborted, false);
});

Deno.test("Runner leaves a call with a carrier to guard itself", async () => {
  using self = new Fixture();
  const carrier = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  await self.run([
    ["a", limited(100)],
    ["traced", { limitMs: 105, carrier }],
    ["b", limited(100)],
    ["free", { carrier }],
  ]);
  // One for what is before, one of its own, one for what is behind; none where there is no limit.
  assertEquals(self.limits, [100, 105, 100]);
  assertEquals(self.log, [
    "a",
    'early: 0 value "A"',
    "traced",
    'early: 1 value "TRACED"',
    "b",
    'early: 2 value "B"',
    "free",
    'last: 3 value "FREE"',
  ]);
});

Deno.test("Runner answers 'stopped' to a call with a carrier that its own watchdog cuts", async () => {
  using self = new Fixture({ endless }, watchdog);
  const carrier = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const answers = await self.run([["endless", { limitMs: 20, carrier }], ["b"]]);
  assertEquals(self.log, ["endless", "early: 0 stopped", "b", 'last: 1 value "B"']);
  assertStrictEquals(answers[0].cell, 1);
});
