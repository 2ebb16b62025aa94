import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { type Log, offLoop } from "../../lib/hono/mod.ts";
import { inline } from "../../lib/pool/inline.ts";
import { Harness } from "../pool/harness.ts";
import { turn } from "../pool/held_backend.ts";

function thrower(error: Error): () => never {
  return () => {
    throw error;
  };
}

Deno.test("what callbacks of the app throw is logged, and keeps no other from being told", async () => {
  await using harness = new Harness({ size: 1 });
  const errors: unknown[] = [];
  const log: Log = { debug() {}, warning() {}, error: (_, { error }) => void errors.push(error) };
  const [label, timing, call] = ["label", "timing", "call"].map((name) => new RangeError(name));
  const work = offLoop(harness.pool, {
    log,
    label: { name: "what", of: thrower(label) },
    onCall: thrower(call),
  });
  const app = new Hono().use(work).get(
    "/f",
    async (c) => c.json(await work.call(c, "echo", [1], { onTiming: thrower(timing) })),
  );
  const response = await app.request("/f");
  assertEquals([response.status, await response.json()], [200, 1]);
  await turn();
  assertEquals(errors, [label, timing, call]);
});

Deno.test("a log that throws fails no request, and no drain", async () => {
  const failed: unknown[] = [];
  const { error: consoleError } = console;
  console.error = (_, { error }) => void failed.push(error);
  try {
    const error = new TypeError("log");
    const write = thrower(error);
    const log: Log = { isEnabledFor: () => true, debug: write, warning: write, error: write };
    const work = offLoop(inline({ bad: thrower(new Error("bad")) }), { log });
    const app = new Hono().use(work);
    app.get("/bad", async (c) => c.json(await work.call(c, "bad", [])));
    assertEquals((await app.request("/bad")).status, 500);
    await work.drain();
    assertEquals(failed, [error, error]);
  } finally {
    console.error = consoleError;
  }
});
