/**
 * Any sequence of calls, aborts, answers, errors and passing time, some of them in one tick, against a
 * model of what each call comes to:
 *
 * - every call settles once, and as it would if it were alone, whatever the others do;
 * - work is stopped if all who waited for it have left before its end, for the reason of the last, and
 *   not otherwise;
 * - there are never two flights for one job;
 * - what is remembered is what was asked for most recently, and never more than may be.
 */

import { assertEquals, assertInstanceOf, assertLessOrEqual, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { cached } from "../../lib/pool/cached.ts";
import { type CacheUse, DeadlineExceededError, type Timing } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { HeldBackend, turn } from "./held_backend.ts";

/** Room for two answers of 512 + 488 bytes, not for three. */
const MAX_ENTRIES = 2;
const MAX_BYTES = 2_500;

interface Caller {
  readonly flight: number;
  readonly cache: CacheUse;
  readonly controller: AbortController;
  readonly deadlineMs: number | undefined;
  readonly expiresAt: number;
  /** What it was told. */
  readonly outcomes: unknown[];
  /** Looks at what it was told; set as soon as its end is known. */
  verify: ((outcome: unknown) => void) | undefined;
}

interface Flight {
  readonly job: number;
  ended: boolean;
  /** Its end has been told. */
  landed: boolean;
  lastLeft: Caller | undefined;
}

class World {
  readonly #clock = new FakeClock();
  readonly #inner: HeldBackend;
  readonly #backend;
  readonly #deaf: boolean;
  readonly #callers: Caller[] = [];
  readonly #flights: Flight[] = [];
  /** Ended in this tick. */
  #landing: { flight: number; error: Error | undefined }[] = [];
  /** The flight that gave the answer; the job least recently asked for is first. */
  readonly #answers = new Map<number, number>();

  constructor(deaf: boolean) {
    this.#deaf = deaf;
    this.#inner = new HeldBackend({ deaf, bytes: 488 });
    this.#backend = cached(this.#inner, { maxBytes: MAX_BYTES, clock: this.#clock, pure: ["f"] });
  }

  /** Loads the cache's library: else its first answer would come later than others. */
  load(): Promise<void> {
    return this.#backend.load();
  }

  call(job: number, deadlineMs: number | undefined): void {
    const hit = this.#answers.get(job);
    const underWay = this.#flights.findIndex((flight) =>
      flight.job === job && !flight.landed && !flight.lastLeft
    );
    const cache = hit !== undefined ? "hit" : underWay >= 0 ? "shared" : "miss";
    if (cache === "miss") {
      this.#flights.push({ job, ended: false, landed: false, lastLeft: undefined });
    }
    const caller: Caller = {
      flight: { hit: hit!, shared: underWay, miss: this.#flights.length - 1 }[cache],
      cache,
      controller: new AbortController(),
      deadlineMs,
      expiresAt: this.#clock.now() + (deadlineMs ?? Infinity),
      outcomes: [],
      verify: undefined,
    };
    this.#callers.push(caller);
    if (cache === "hit") this.#answer(caller);
    let timing: Timing | undefined;
    const onTiming = (told: Timing) => timing = told;
    const told = (outcome: unknown) => void caller.outcomes.push(outcome);
    const { signal } = caller.controller;
    this.#backend.call("f", [job], { signal, deadlineMs, onTiming })
      .then((value) => told({ value, cache: timing!.cache }), told);
  }

  abort(choice: number): void {
    const caller = pick(this.#waiting, choice);
    if (!caller) return;
    const reason = new Error("left");
    this.#leave(caller, (outcome) => assertStrictEquals(outcome, reason));
    caller.controller.abort(reason);
  }

  advance(ms: number): void {
    const now = this.#clock.now() + ms;
    const due = this.#waiting.filter(({ expiresAt }) => expiresAt <= now);
    for (const caller of due.sort((a, b) => a.expiresAt - b.expiresAt)) {
      this.#leave(caller, (outcome) => {
        assertInstanceOf(outcome, DeadlineExceededError);
        assertEquals(outcome.deadlineMs, caller.deadlineMs);
      });
    }
    this.#clock.advance(ms);
  }

  /** Ends any flight, or tries to: it may have been stopped. */
  end(choice: number, error?: Error): void {
    const flight = pick([...this.#flights.keys()], choice);
    if (flight === undefined || this.#flights[flight].ended) return;
    this.#flights[flight].ended = true;
    this.#landing.push({ flight, error });
    if (error) this.#inner.calls[flight].fail(error);
    else this.#inner.calls[flight].answer();
  }

  endAll(): void {
    for (const flight of this.#flights.keys()) this.end(flight);
  }

  /** Lets the news reach everybody, and compares all there is to see with the model. */
  async settle(): Promise<void> {
    await turn();
    for (const { flight, error } of this.#landing) {
      this.#flights[flight].landed = true;
      for (const caller of this.#waitingFor(flight)) {
        if (error) caller.verify = (outcome) => assertStrictEquals(outcome, error);
        else this.#answer(caller);
      }
      if (!error) this.#remember(flight);
    }
    this.#landing = [];

    assertEquals(this.#inner.calls.map(({ args }) => args[0]), this.#flights.map(({ job }) => job));
    for (const [i, { lastLeft }] of this.#flights.entries()) {
      const { aborted, reason } = this.#inner.calls[i].options.signal!;
      assertEquals(aborted, lastLeft !== undefined);
      if (lastLeft) assertStrictEquals(reason, lastLeft.outcomes[0]);
    }
    for (const { verify, outcomes } of this.#callers) {
      assertEquals(outcomes.length, verify ? 1 : 0);
      verify?.(outcomes[0]);
    }
    const bounded = this.#waiting.filter(({ deadlineMs }) => deadlineMs !== undefined);
    assertEquals(this.#clock.pending, bounded.length);
    const { hits, misses, shared, entries, bytes } = this.#backend.stats().cache;
    const count = (how: string) => this.#callers.filter(({ cache }) => cache === how).length;
    assertEquals([hits, misses, shared], [count("hit"), count("miss"), count("shared")]);
    assertEquals(entries, this.#answers.size);
    assertLessOrEqual(bytes, MAX_BYTES);
  }

  get #waiting(): Caller[] {
    return this.#callers.filter(({ verify }) => !verify);
  }

  #waitingFor(flight: number): Caller[] {
    return this.#waiting.filter((caller) => caller.flight === flight);
  }

  #answer(caller: Caller): void {
    this.#remember(caller.flight);
    const { value } = this.#inner.calls[caller.flight];
    caller.verify = (outcome) => {
      const result = outcome as { value: unknown; cache: CacheUse };
      assertEquals(result.cache, caller.cache);
      assertStrictEquals(result.value, value);
    };
  }

  #leave(caller: Caller, verify: Caller["verify"]): void {
    caller.verify = verify;
    if (this.#waitingFor(caller.flight).length > 0) return;
    const flight = this.#flights[caller.flight];
    flight.lastLeft = caller;
    if (!this.#deaf) flight.ended = true;
  }

  #remember(flight: number): void {
    const { job } = this.#flights[flight];
    this.#answers.delete(job);
    this.#answers.set(job, flight);
    if (this.#answers.size <= MAX_ENTRIES) return;
    for (const oldest of this.#answers.keys()) return void this.#answers.delete(oldest);
  }
}

function pick<T>(values: readonly T[], choice: number): T | undefined {
  return values[choice % values.length];
}

const JOBS: readonly number[] = [1, 2, 3];

const action = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      call: fc.nat(JOBS.length - 1),
      deadlineMs: fc.constantFrom(undefined, 10, 25),
    }),
  },
  fc.record({ abort: fc.nat() }),
  fc.record({ answer: fc.nat() }),
  fc.record({ fail: fc.nat() }),
  fc.record({ advance: fc.constantFrom(5, 10, 20) }),
);

Deno.test("cached() settles every call as if it were alone, whatever happens in whatever order", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.boolean(),
      fc.array(fc.array(action, { minLength: 1, maxLength: 4 }), { maxLength: 25 }),
      async (deaf, ticks) => {
        const world = new World(deaf);
        await world.load();
        for (const tick of ticks) {
          for (const action of tick) {
            if ("call" in action) world.call(JOBS[action.call], action.deadlineMs);
            else if ("abort" in action) world.abort(action.abort);
            else if ("answer" in action) world.end(action.answer);
            else if ("fail" in action) world.end(action.fail, new Error("failed"));
            else world.advance(action.advance);
          }
          await world.settle();
        }
        world.endAll();
        await world.settle();
      },
    ),
    { numRuns: 200 },
  );
});
