import { assertEquals } from "@std/assert";
import { EventLoopLag } from "../../lib/hono/event_loop_lag.ts";
import { FakeClock } from "../pool/fake_clock.ts";

Deno.test("EventLoopLag sees a stall, for as long as it is asked about", () => {
  const clock = new FakeClock();
  const lag = new EventLoopLag(clock);
  lag.start();
  clock.pass(100 + 400);
  for (let i = 0; i < 9; i++) clock.pass(100);
  assertEquals(lag.summary(1000), { maxMs: 400, meanMs: 40 });
  clock.pass(100);
  assertEquals(lag.summary(1000), { maxMs: 0, meanMs: 0 });
  assertEquals(lag.summary(60_000).maxMs, 400);
  for (let i = 0; i < 600; i++) clock.pass(100);
  assertEquals(lag.summary(Infinity).maxMs, 0);
});

Deno.test("EventLoopLag shows zeros before its first sample", () => {
  assertEquals(new EventLoopLag(new FakeClock()).summary(1000), { maxMs: 0, meanMs: 0 });
});

Deno.test("EventLoopLag runs one timer, from start() to stop()", () => {
  const clock = new FakeClock();
  const lag = new EventLoopLag(clock);
  lag.start();
  lag.start();
  assertEquals(clock.tickers, 1);
  lag.stop();
  lag.stop();
  assertEquals(clock.tickers, 0);
});
