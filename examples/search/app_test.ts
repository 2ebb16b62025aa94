import assert from "node:assert/strict";
import app, { pool } from "./app.ts";

Deno.test.beforeAll(() => pool.ready);
Deno.test.afterAll(async () => void await pool.close());

async function find(words: string): Promise<string[]> {
  return await (await app.request(`/search?q=${encodeURIComponent(words)}`)).json();
}

Deno.test("every worker has the index, and finds words that are cut short or misspelt", async () => {
  const many = Array.from({ length: 4 * pool.stats().size }, () => find("queue"));
  for (const found of await Promise.all(many)) assert.deepEqual(found, ["overload"]);
  assert.ok(pool.stats().slots.every(({ done }) => done > 0));
  assert.equal((await find("evnt lop"))[0], "event-loop");
  assert.deepEqual(await find("zzzzz"), []);
});

Deno.test("an article is rendered, its code highlighted, and remembered", async () => {
  const response = await app.request("/articles/cancelling");
  assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
  const html = await response.text();
  assert.match(html, /<h1>Cancelling<\/h1>/);
  assert.match(html, /<span class="hljs-keyword">for<\/span>/);
  const again = await app.request("/articles/cancelling");
  assert.match(again.headers.get("server-timing")!, /^cache;desc=hit/);
  assert.equal(await again.text(), html);
});

Deno.test("no words, too many of them, or an article that isn't there are refused", async () => {
  for (const path of ["/search", "/search?q=", `/search?q=${"x".repeat(101)}`]) {
    assert.equal((await app.request(path)).status, 400);
  }
  assert.equal((await app.request("/articles/nothing")).status, 404);
});

Deno.test("of many at once some are answered, the rest is told when to come back", async () => {
  const many = Array.from({ length: 400 }, () => app.request("/search?q=worker"));
  const answers = await Promise.all(many);
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(refused.length > 0 && refused.length < 400, `${refused.length} refused`);
  for (const { headers } of refused) assert.match(headers.get("retry-after")!, /^[1-9]\d*$/);
});
