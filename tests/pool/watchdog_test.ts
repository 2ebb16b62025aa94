import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { StoppedError } from "../../lib/pool/errors.ts";
import { watchdog } from "../../lib/pool/watchdog.ts";

Deno.test("watchdog() returns what the function returns, and throws what it throws", () => {
  assertEquals(watchdog(() => 42, 1_000), 42);
  assertThrows(
    () =>
      watchdog(() => {
        throw new RangeError("own");
      }, 1_000),
    RangeError,
    "own",
  );
});

Deno.test("watchdog() cuts a loop that never ends, and no catch or finally of it runs", () => {
  const ran: string[] = [];
  assertThrows(
    () =>
      watchdog(() => {
        try {
          while (performance.now() >= 0);
        } catch {
          ran.push("catch");
        } finally {
          ran.push("finally");
        }
      }, 20),
    StoppedError,
  );
  assertEquals(ran, []);
});

Deno.test("watchdog() cuts a regular expression that backtracks for ever", () => {
  assertThrows(() => watchdog(() => /^(a+)+$/.test("a".repeat(60) + "b"), 20), StoppedError);
});

Deno.test("watchdog() cuts a long operation on big numbers", () => {
  const big = 3n ** 4_000_000n;
  // Its digits take a second or more.
  assertThrows(() => watchdog(() => (big ** 3n).toString().length, 20), StoppedError);
});

Deno.test("watchdog() is out of reach for what a function does after an await", async () => {
  const late = watchdog(async () => {
    await Promise.resolve();
    throw new Error("later");
  }, 1_000);
  await assertRejects(() => late, Error, "later");
});
