import { assertEquals } from "@std/assert";
import {
  bytes,
  count,
  duration,
  grouped,
  inTens,
  percent,
  rate,
} from "../../../lib/web/ui/format.ts";

Deno.test("duration() has two digits or three, and the unit that fits", () => {
  const ms = [0, 0.001, 0.0456, 0.996, 4.56, 9.96, 456.7, 999.4, 999.6, 4567, 456_700];
  assertEquals(ms.map(duration), [
    ...["0 ms", "0 ms", "0.05 ms", "1.00 ms", "4.6 ms", "10.0 ms", "457 ms", "999 ms"],
    ...["1.00 s", "4.6 s", "457 s"],
  ]);
});

Deno.test("count(), rate() and bytes() are readable at any size", () => {
  assertEquals([0, 1234567.4].map(count), ["0", "1,234,567"]);
  assertEquals([0, 0.33, 9.94, 9.96, 12345].map(rate), [
    "0/s",
    "0.3/s",
    "9.9/s",
    "10/s",
    "12,345/s",
  ]);
  assertEquals([12, 999, 1000, 999_499, 64e6].map(bytes), [
    ...["12 B", "999 B", "1 kB", "999 kB", "64.0 MB"],
  ]);
});

Deno.test("percent() says all and none of nothing less", () => {
  assertEquals([0, 0.001, 0.5, 0.999, 1].map(percent), ["0 %", "< 1 %", "50 %", "> 99 %", "100 %"]);
});

Deno.test("grouped() and inTens() keep every digit", () => {
  assertEquals(["0", "100", "1000", "3524578"].map(grouped), ["0", "100", "1,000", "3,524,578"]);
  assertEquals(inTens("1".repeat(20)).split("\u2009"), ["1".repeat(10), "1".repeat(10)]);
});
