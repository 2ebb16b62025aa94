import assert from "node:assert/strict";
import app, { pool } from "./app.ts";

Deno.test.beforeAll(() => pool.ready);
Deno.test.afterAll(async () => void await pool.close());

const LONG = "/count?below=100000000";

async function idle(): Promise<void> {
  while (pool.stats().slots.some(({ state }) => state !== "idle")) {
    await new Promise((resolve) => setTimeout(resolve));
  }
}

async function eventsOf(response: Response): Promise<unknown[]> {
  const text = await response.text();
  assert.ok(text.endsWith("\n\nevent: end\ndata: null\n\n"));
  return [...text.matchAll(/^data: (.*)$/gm)].slice(0, -1).map(([, data]) => JSON.parse(data));
}

Deno.test("a count is told while it goes on, and its result", async () => {
  const events = await eventsOf(await app.request("/count?below=100000"));
  assert.deepEqual(events[0], { report: { n: 0, primes: 0 } });
  assert.deepEqual(events.at(-1), { result: 9592 });
});

Deno.test("a CSV file is added up", async () => {
  const rows = Array.from({ length: 1000 }, (_, i) => `${i},0.5`);
  const body = ["n,half", ...rows].join("\n");
  const events = await eventsOf(await app.request("/csv", { method: "POST", body }));
  assert.deepEqual(events[0], { report: { rows: 1, percent: 0 } });
  assert.deepEqual(events.at(-1), { result: { rows: 1000, sums: { n: 499500, half: 500 } } });
});

Deno.test("a file that is no CSV is refused", async () => {
  const response = await app.request("/csv", { method: "POST", body: "a,b\n1,2,3\n" });
  assert.deepEqual([response.status, (await response.json()).code], [422, "bad-csv"]);
});

Deno.test("who leaves stops the work; who finds no room is told when to come back", async () => {
  const client = new AbortController();
  const { signal } = client;
  const more = pool.stats().size + 8;
  const answers = Array.from({ length: more }, () => app.request(LONG, { signal }));
  const refused = await Promise.any(answers.map(async (answer) => {
    const response = await answer;
    assert.equal(response.status, 503);
    return response;
  }));
  assert.match(refused.headers.get("retry-after")!, /^[1-9]\d*$/);
  client.abort();
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  assert.ok(statuses.includes(499), `${statuses}`);
  await idle();

  const { body } = await app.request(LONG);
  await body!.cancel();
  await idle();
  // A call that did not look whether it is still wanted would have cost its worker.
  assert.equal(pool.stats().totals.restarts, 0);
});
