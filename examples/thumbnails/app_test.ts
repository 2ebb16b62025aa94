import { decode, encode } from "@jsquash/png";
import assert from "node:assert/strict";
import app, { pool } from "./app.ts";

Deno.test.beforeAll(() => pool.ready);
Deno.test.afterAll(async () => void await pool.close());

async function post(path: string, body: BodyInit, init?: RequestInit) {
  return await app.request(path, { method: "POST", body, ...init });
}

const pixels = new Uint8ClampedArray(new Uint32Array(1000 * 500).fill(0xffff0000).buffer);
const png = await encode(new ImageData(pixels, 1000, 500));

async function codeOf(response: Response): Promise<unknown[]> {
  return [response.status, (await response.json()).code];
}

Deno.test("a thumbnail is as wide as was asked for, and shows the same", async () => {
  const response = await post("/thumbnail?width=100", png);
  assert.equal(response.headers.get("content-type"), "image/png");
  const { width, height, data } = await decode(await response.arrayBuffer());
  assert.deepEqual([width, height], [100, 50]);
  const [red, green, blue] = data;
  assert.ok(red < 5 && green < 5 && blue > 250, `${[red, green, blue]}`);
});

Deno.test("what is no PNG, too long, or too large when unpacked is refused", async () => {
  assert.deepEqual(await codeOf(await post("/thumbnail", "GIF89a")), [422, "bad-image"]);
  assert.deepEqual(await codeOf(await post("/thumbnail", png.slice(0, 500))), [422, "bad-image"]);
  assert.equal((await post("/thumbnail", new Uint8Array(9_000_000))).status, 413);
  const bomb = png.slice();
  new DataView(bomb).setUint32(16, 100_000);
  assert.deepEqual(await codeOf(await post("/thumbnail", bomb)), [422, "too-many-pixels"]);
});

Deno.test("of many at once some are answered, the rest is told when to come back", async () => {
  const many = pool.stats().size + 18;
  const answers = await Promise.all(Array.from({ length: many }, () => post("/thumbnail", png)));
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length > 0 && refused.length < many, `${refused.length} refused`);
  assert.ok(answers.every(({ status }) => status === 200 || status === 503));
  for (const { headers } of refused) assert.match(headers.get("retry-after")!, /^[1-9]\d*$/);
});

Deno.test("whoever leaves frees a worker, which goes on", async () => {
  const client = new AbortController();
  const left = post("/thumbnail", png, { signal: client.signal });
  while (pool.stats().slots.every(({ state }) => state !== "busy")) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  client.abort();
  assert.equal((await left).status, 499);
  while (pool.stats().slots.some(({ state }) => state !== "idle")) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  assert.equal(pool.stats().totals.restarts, 0);
});
