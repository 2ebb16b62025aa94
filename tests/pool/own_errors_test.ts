import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { DeadlineExceededError } from "../../lib/pool/mod.ts";
import { Harness } from "./harness.ts";

Deno.test("arguments that can't be cloned reject their call, and nothing else", async () => {
  await using harness = new Harness({ size: 1 });
  const error = await assertRejects(
    () => harness.pool.call("echo", [() => {}]),
    DOMException,
    "could not be cloned",
  );
  assertEquals(error.name, "DataCloneError");
  assertEquals(await harness.pool.call("echo", [1]), 1);
  assertEquals(harness.pool.stats().slots[0].inFlight, 0);
});

Deno.test("a method that does not exist rejects its call with a TypeError", async () => {
  await using harness = new Harness({ size: 1 });
  for (const name of ["nothing", "toString", "__proto__", "constructor"]) {
    await assertRejects(
      () => harness.pool.call(name as "echo", [1]),
      TypeError,
      `Worker has no method "${name}", only hold, echo`,
    );
  }
});

Deno.test("a call's own error arrives with both stacks", async () => {
  await using harness = new Harness({ size: 1 });
  async function theCaller() {
    return await harness.pool.call("hold", ["a"]);
  }
  const call = theCaller().catch((error) => error);
  await harness.running("a");
  harness.held.get("a")!.reject(new RangeError("too much", { cause: new TypeError("inner") }));
  const error = await call;
  assertInstanceOf(error, RangeError);
  assertInstanceOf(error.cause, TypeError);
  assertStringIncludes(error.stack!, "RangeError: too much");
  assertStringIncludes(error.stack!, "theCaller");
});

Deno.test("a call's own error tells in its stack who awaits it, below its own", async () => {
  await using harness = new Harness({ size: 1 });
  async function inner() {
    return await harness.pool.call("hold", ["a"]);
  }
  async function outer() {
    return await inner();
  }
  const call = outer().catch((error) => error);
  await harness.running("a");
  harness.held.get("a")!.reject(new RangeError("too much"));
  const error = await call;
  assertInstanceOf(error, RangeError);
  const [own, waiting] = error.stack!.split("\n    --- called from ---\n");
  assertStringIncludes(own, "RangeError: too much");
  assertMatch(waiting, /inner.*\n.*outer/);
  // What is between is nobody's business.
  assert(!waiting.includes("worker_pool.ts"), waiting);
});

Deno.test("a call's own error has its plain stack for a caller that does not await", async () => {
  await using harness = new Harness({ size: 1 });
  const told = Promise.withResolvers<Error>();
  harness.pool.call("hold", ["a"]).then(() => {}, told.resolve);
  await harness.running("a");
  const own = new RangeError("too much");
  harness.held.get("a")!.reject(own);
  const error = await told.promise;
  assertInstanceOf(error, RangeError);
  assertEquals(error.stack, own.stack);
});

Deno.test("an error of the pool's own has its stack as it is", async () => {
  await using harness = new Harness({ size: 1 });
  await harness.pool.ready;
  const call = (async () => await harness.pool.call("hold", ["a"], { deadlineMs: 50 }))()
    .catch((error) => error);
  await harness.running("a");
  harness.clock.advance(50);
  const error = await call;
  assertInstanceOf(error, DeadlineExceededError);
  assert(!error.stack!.includes("called from"), error.stack);
  harness.release("a");
});
