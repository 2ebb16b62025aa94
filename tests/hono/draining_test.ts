import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { Hono } from "hono";
import { offLoop } from "../../lib/hono/mod.ts";
import { type HeldApi, HeldBackend, turn } from "../pool/held_backend.ts";
import { fixture } from "./app_fixture.ts";

/** Whether a promise has resolved by now. */
function watched(promise: Promise<void>): { isDone: boolean } {
  const state = { isDone: false };
  promise.then(() => state.isDone = true);
  return state;
}

Deno.test("each of two works in one app counts its requests, and drains by itself", async () => {
  const backends = [new HeldBackend(), new HeldBackend()];
  const [first, second] = backends.map((backend) => offLoop<HeldApi>(backend));
  const app = new Hono();
  app.use(first, second);
  app.route("/ops", second.operator());
  app.get("/f", async (c) => c.json(await second.call(c, "f", [1])));
  const answer = app.request("/f");
  const call = await backends[1].at(0);
  const quiet = second.drain();
  const state = watched(quiet);
  await turn();
  assertEquals(state.isDone, false);
  call.answer("x");
  assertEquals((await answer).headers.get("connection"), "close");
  await quiet;
  const metrics = await (await app.request("/ops/metrics")).text();
  assertStringIncludes(metrics, `{method="GET",route="/f",status="200"} 1`);
  await first.drain();
});

Deno.test("drain() waits for streams that the app has wrapped, or made itself", async () => {
  for (const path of ["/wrapped", "/own"]) {
    const work = offLoop<HeldApi>(new HeldBackend());
    const app = new Hono();
    app.use(work);
    app.use(async (c, next) => {
      await next();
      c.res = new Response(c.res.body, c.res);
    });
    const sent = Promise.withResolvers<void>();
    const source = async function* () {
      yield 1;
      await sent.promise;
    };
    app.get("/wrapped", (c) => work.stream(c, source()));
    app.get("/own", () => new Response(ReadableStream.from([new Uint8Array(1)])));
    const completed = Promise.withResolvers<void>();
    const response = await app.request(path, {}, { completed: completed.promise });
    const state = watched(work.drain());
    await turn();
    assertEquals(state.isDone, false, path);
    sent.resolve();
    await response.bytes();
    completed.resolve();
    await turn();
    assertEquals(state.isDone, true, path);
  }
});

Deno.test("a request that came before the end of work gets all its calls", async () => {
  const { app, backend, get, work } = fixture();
  app.get("/map", (c) => work.stream(c, work.map(c, "f", [[1], [2], [3]], { concurrency: 1 })));
  const response = get("/map");
  (await backend.at(0)).answer(1);
  const body = (await response).text();
  const second = await backend.at(1);
  await work.drain();
  second.answer(2);
  (await backend.at(2)).answer(3);
  assertEquals(await body, "1\n2\n3\n");
  const late = await get("/f/1");
  assertEquals(late.status, 503);
});

Deno.test("drain() takes no delay that is no number, and a long one for what it is", async () => {
  const { get, work } = fixture();
  assertThrows(() => work.drain(NaN), RangeError);
  assertThrows(() => fixture({ drainDelayMs: NaN }), RangeError);
  assertEquals((await get("/ops/readyz")).status, 200);
  for (const delayMs of [Infinity, 2 ** 31]) {
    const { get, work } = fixture();
    const state = watched(work.drain(delayMs));
    assertEquals((await get("/ops/readyz")).status, 503);
    // A timer that is too long fires after a millisecond.
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert(!state.isDone);
    await work.drain(0);
  }
});
