import { assert, assertEquals } from "@std/assert";
import { RemoteClock } from "../../../lib/web/machine/clock.ts";

Deno.test("RemoteClock goes by the quickest event", () => {
  const clock = new RemoteClock();
  assertEquals(clock.at(50_000), undefined);
  clock.hear(1000, 51_040);
  clock.hear(1250, 51_255);
  clock.hear(1500, 51_590);
  // The second was on its way for the shortest time: 5 ms at most.
  assert(Math.abs(clock.at(51_600)! - (51_600 - 50_005)) < 1);
});

Deno.test("RemoteClock follows clocks that drift apart, for hours", () => {
  for (const drift of [-1e-4, 1e-4]) {
    const clock = new RemoteClock();
    for (let s = 0; s < 8 * 3600; s++) clock.hear(s * 1000 * (1 + drift), s * 1000);
    const s = 8 * 3600 - 1;
    assert(Math.abs(clock.at(s * 1000)! - s * 1000 * (1 + drift)) < 5);
  }
});

Deno.test("RemoteClock.reset() forgets a clock that is another now", () => {
  const clock = new RemoteClock();
  clock.hear(90_000, 100_000);
  clock.reset();
  assertEquals(clock.at(100_000), undefined);
  clock.hear(100, 101_000);
  assertEquals(clock.at(101_000), 100);
});
