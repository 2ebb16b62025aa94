import assert from "node:assert/strict";
import app, { pool } from "./app.ts";

Deno.test.beforeAll(() => pool.ready);
Deno.test.afterAll(async () => void await pool.close());

async function post(path: string, password = "correct horse", init?: RequestInit) {
  return await app.request(path, { method: "POST", body: password, ...init });
}

Deno.test("a password fits its hash, and no other does", async () => {
  const hash = (await (await post("/hash?cost=10")).text()).trim();
  assert.match(hash, /^scrypt:10:[0-9a-f]{32}:[0-9a-f]{64}$/);
  const verify = async (password: string) =>
    await (await post(`/verify?hash=${hash}`, password)).json();
  assert.deepEqual(await verify("correct horse"), { ok: true });
  assert.deepEqual(await verify("incorrect horse"), { ok: false });
});

Deno.test("a cost, a hash or a password that makes no sense is refused", async () => {
  assert.equal((await post("/hash?cost=30")).status, 400);
  assert.equal((await post("/verify?hash=scrypt:30:00:00")).status, 400);
  assert.equal((await post("/hash", "x".repeat(2000))).status, 413);
});

Deno.test("of many at once some are answered, the rest is told when to come back", async () => {
  const many = pool.stats().size + 18;
  const answers = await Promise.all(Array.from({ length: many }, () => post("/hash?cost=12")));
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length > 0 && refused.length < many, `${refused.length} refused`);
  assert.ok(answers.every(({ status }) => status === 200 || status === 503));
  for (const { headers } of refused) assert.match(headers.get("retry-after")!, /^[1-9]\d*$/);
});

Deno.test("whoever leaves frees a worker, which goes on", async () => {
  const client = new AbortController();
  const left = post("/hash?cost=17", "x", { signal: client.signal });
  while (pool.stats().slots.every(({ state }) => state !== "busy")) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  client.abort();
  assert.equal((await left).status, 499);
  while (pool.stats().slots.some(({ state }) => state !== "idle")) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  // A call that did not look whether it is still wanted would have cost its worker.
  assert.equal(pool.stats().totals.restarts, 0);
});
