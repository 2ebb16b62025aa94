import { assertEquals } from "@std/assert";
import { answerRollCall, callRoll } from "../../lib/pool/workers/roll_call.ts";
import { FakeClock } from "./fake_clock.ts";

/** A thread that answers, and a roll call of it. The thread is this one: it is free only while a test awaits something. */
class Roll implements Disposable {
  readonly clock = new FakeClock();
  readonly #life = new AbortController();
  readonly #words = answerRollCall(this.#life.signal);
  /** What the roll call has asked of the thread and was not told. */
  readonly pings: (() => void)[] = [];
  deaths = 0;
  readonly call = callRoll(this.#words, {
    clock: this.clock,
    ping: (free) => this.pings.push(free),
    died: () => this.deaths++,
  });

  /** Ends the thread. */
  end(): void {
    this.#life.abort();
  }

  get waiters(): number {
    return Atomics.load(this.#words, 1);
  }

  /** Lets the thread leave new waiters for those that were taken. */
  async free(): Promise<void> {
    while (this.waiters < 64) await new Promise((resolve) => setTimeout(resolve, 0));
  }

  [Symbol.dispose](): void {
    this.call.stop();
    this.end();
  }
}

Deno.test("a thread that has ended is noticed within a second, once, and its roll is not called again", () => {
  using roll = new Roll();
  roll.clock.advance(5_500);
  roll.end();
  assertEquals(roll.deaths, 0);
  roll.clock.advance(500);
  assertEquals(roll.deaths, 1);
  assertEquals(roll.clock.pending, 0);
});

Deno.test("a thread that doesn't return to its event loop for a day is never taken for dead", async () => {
  using roll = new Roll();
  roll.clock.advance(24 * 3_600_000);
  assertEquals(roll.deaths, 0);
  await roll.free();
  roll.end();
  roll.clock.advance(1_000);
  assertEquals(roll.deaths, 1);
});

Deno.test("a thread that has no waiter left is not taken for dead", async () => {
  using roll = new Roll();
  while (roll.waiters > 0) {
    roll.call.endsSoon();
    roll.clock.advance(3_600_000);
  }
  assertEquals(roll.deaths, 0);
  roll.clock.advance(10_000);
  assertEquals(roll.deaths, 0);
  await roll.free();
});

Deno.test("the death of a thread that was busy for long is noticed within as long again", () => {
  using roll = new Roll();
  roll.clock.advance(600_000);
  roll.end();
  roll.clock.advance(600_000);
  assertEquals(roll.deaths, 1);
});

Deno.test("a thread with few waiters left is woken, once until it has been free", () => {
  using roll = new Roll();
  roll.clock.advance(31_000);
  assertEquals(roll.pings.length, 0);
  roll.clock.advance(10_000);
  assertEquals(roll.pings.length, 1);
  roll.pings[0]();
  roll.clock.advance(1_000);
  assertEquals(roll.pings.length, 2);
});

Deno.test("the end of a thread that is about to end is noticed within milliseconds", () => {
  using roll = new Roll();
  roll.clock.advance(500);
  roll.call.endsSoon();
  roll.clock.advance(10);
  roll.end();
  roll.clock.advance(20);
  assertEquals(roll.deaths, 1);
});

Deno.test("a roll call that was stopped notices nothing, and leaves no timer", () => {
  using roll = new Roll();
  roll.call.stop();
  roll.end();
  roll.clock.advance(2_000);
  assertEquals([roll.deaths, roll.clock.pending], [0, 0]);
});
