import { assertEquals, assertRejects } from "@std/assert";
import { Hono } from "hono";
import { offLoop, type ReportsOptions } from "../../lib/hono/mod.ts";
import { cached } from "../../lib/pool/cached.ts";
import { type Backend, OverloadedError } from "../../lib/pool/mod.ts";
import { problemOf } from "../http/fakes.ts";
import { type HeldApi, HeldBackend, turn } from "../pool/held_backend.ts";

/** An app that streams what the method reports for 1. */
function fixture(
  options: ReportsOptions = { everyMs: 0 },
  wrap = (backend: Backend<HeldApi>) => backend,
) {
  const held = new HeldBackend();
  const lines: string[] = [];
  const log = { debug() {}, warning() {}, error: (line: string) => void lines.push(line) };
  const work = offLoop<HeldApi>(wrap(held), { log, pure: ["f"] });
  const app = new Hono().use(work)
    .get("/f", (c) => work.stream(c, work.reports(c, "f", [1], options)));
  const get = async (init?: RequestInit) => await app.request("/f", init);
  return { held, get, lines };
}

/** Whether a promise has settled by now. */
async function isSettled(promise: unknown): Promise<boolean> {
  let settled = false;
  Promise.resolve(promise).finally(() => settled = true);
  await turn();
  return settled;
}

Deno.test("work.reports() yields each report, and then the result", async () => {
  const { held, get, lines } = fixture();
  const response = get();
  const { options, answer } = await held.at(0);
  options.onReport!({ done: 1 });
  const reader = (await response).body!.pipeThrough(new TextDecoderStream()).getReader();
  assertEquals((await reader.read()).value, '{"report":{"done":1}}\n');
  const second = reader.read();
  options.onReport!({ done: 2 });
  assertEquals((await second).value, '{"report":{"done":2}}\n');
  answer("x");
  assertEquals((await reader.read()).value, '{"result":"x"}\n');
  assertEquals([(await reader.read()).done, lines], [true, []]);
});

Deno.test("work.reports() without a report is its result", async () => {
  const { held, get } = fixture();
  const response = get({ headers: { accept: "text/event-stream" } });
  (await held.at(0)).answer(7);
  const text = await (await response).text();
  assertEquals(text, 'data: {"result":7}\n\nevent: end\ndata: null\n\n');
});

Deno.test("work.reports() has a report wait until it is read", async () => {
  const { held, get } = fixture();
  const response = get();
  const { options } = await held.at(0);
  options.onReport!(1);
  const reader = (await response).body!.getReader();
  await reader.read();
  const pending = reader.read();
  await turn();
  const heard = options.onReport!(2);
  await pending;
  assertEquals(await isSettled(heard), false);
  reader.read();
  assertEquals(await isSettled(heard), true);
  await reader.cancel();
});

Deno.test("work.reports() has a report wait for its time, too, but not the result", async () => {
  for (const [everyMs, isHeard] of [[1, true], [1e9, false]] as const) {
    const { held, get } = fixture({ everyMs });
    const response = get();
    const { options, answer } = await held.at(0);
    const heard = options.onReport!(1);
    const text = (await response).text();
    if (isHeard) await heard;
    else assertEquals(await isSettled(heard), false);
    answer("x");
    assertEquals(await text, '{"report":1}\n{"result":"x"}\n');
    await heard;
  }
});

Deno.test("work.reports() of all reports leaves no time between them", async () => {
  const { held, get } = fixture({ reports: "all" });
  const response = get();
  const { options, answer } = await held.at(0);
  assertEquals(options.reports, "all");
  const first = options.onReport!(1);
  const text = (await response).text();
  await first;
  answer("x");
  await text;
});

Deno.test("work.reports() is refused like any call while nothing has been sent", async () => {
  const { held, get } = fixture();
  const response = get();
  (await held.at(0)).fail(new OverloadedError("full", 1));
  assertEquals([(await response).status, (await response).headers.get("retry-after")], [503, "1"]);
  assertEquals((await problemOf(await response)).code, "overloaded");
});

Deno.test("work.reports() is cut, and that is logged, if the method fails after a report", async () => {
  const { held, get, lines } = fixture();
  const response = get();
  const { options, fail } = await held.at(0);
  options.onReport!(1);
  const { body } = await response;
  fail(new RangeError("own"));
  await assertRejects(() => Array.fromAsync(body!));
  assertEquals(lines, ["Answer cut short"]);
  // Where others share the computation, it goes on.
  assertEquals(options.onReport!(2), undefined);
});

Deno.test("work.reports() ends its call with its reader, and lets a report go that waits", async () => {
  const { held, get, lines } = fixture();
  const response = get();
  const { options } = await held.at(0);
  options.onReport!(1);
  const reader = (await response).body!.getReader();
  await reader.read();
  const pending = reader.read();
  const heard = options.onReport!(2);
  await pending;
  await reader.cancel();
  assertEquals([options.signal!.aborted, await isSettled(heard), lines], [true, true, []]);
  assertEquals(options.onReport!(3), undefined);
});

Deno.test("work.reports() is no failure if its reader leaves between two reports", async () => {
  const { held, get, lines } = fixture();
  const response = get({ headers: { accept: "text/event-stream" } });
  const { options } = await held.at(0);
  options.onReport!(1);
  const reader = (await response).body!.getReader();
  await reader.read();
  const pending = reader.read();
  await turn();
  await reader.cancel();
  await turn();
  assertEquals([(await pending).done, options.signal!.aborted, lines], [true, true, []]);
});

Deno.test("work.reports() ends its call when the client leaves", async () => {
  const { held, get, lines } = fixture();
  const client = new AbortController();
  const response = get({ signal: client.signal });
  const { options } = await held.at(0);
  options.onReport!(1);
  const body = Array.fromAsync((await response).body!);
  client.abort();
  await assertRejects(() => body);
  assertEquals([options.signal!.aborted, lines], [true, []]);
});

Deno.test("work.reports() of what is remembered is its result, without a call", async () => {
  const { held, get } = fixture({}, (backend) => cached(backend, { maxBytes: 1e6 }));
  const first = get();
  (await held.at(0)).answer("x");
  assertEquals(await (await first).text(), '{"result":"x"}\n');
  assertEquals(await (await get()).text(), '{"result":"x"}\n');
  assertEquals(held.calls.length, 1);
});

Deno.test("work.reports() that nobody reads makes no call", async () => {
  const { held, get } = fixture();
  const response = await get({ method: "HEAD" });
  assertEquals([response.status, held.calls.length], [200, 0]);
});
