import { assertEquals } from "@std/assert";
import { FrameMeter } from "../../../lib/web/ways/frame_meter.ts";

/** A meter that saw frames at these moments. */
function meterOf(...moments: number[]): FrameMeter {
  const meter = new FrameMeter();
  for (const moment of moments) meter.frame(moment);
  return meter;
}

Deno.test("FrameMeter counts the frames in between, and the longest that touches it", () => {
  const meter = meterOf(0, 16, 32, 48, 64, 80);
  assertEquals(meter.summary(20, 70), { frames: 3, medianMs: 16, longestMs: 16 });
});

Deno.test("FrameMeter finds the frame that had to wait for the end", () => {
  const meter = meterOf(0, 16, 32, 900, 916);
  assertEquals(meter.summary(40, 890), { frames: 0, medianMs: 0, longestMs: 868 });
});

Deno.test("FrameMeter of nothing sums up to nothing", () => {
  assertEquals(meterOf().summary(0, 100), { frames: 0, medianMs: 0, longestMs: 0 });
  assertEquals(meterOf(5).summary(0, 100), { frames: 0, medianMs: 0, longestMs: 0 });
});

Deno.test("FrameMeter takes no time in which nobody looked for a frame", () => {
  const meter = meterOf(0, 16, 32);
  meter.resume();
  for (const moment of [6000, 6016]) meter.frame(moment);
  assertEquals(meter.summary(0, 7000), { frames: 3, medianMs: 16, longestMs: 16 });
});

Deno.test("FrameMeter forgets what is long ago, if it may", () => {
  const moments = Array.from({ length: 10_000 }, (_, i) => i * 10);
  const meter = new FrameMeter(1000);
  for (const moment of moments) meter.frame(moment);
  assertEquals(meter.since(0).length < 400, true);
  assertEquals(meterOf(...moments).summary(0, Infinity).frames, 9999);
});
