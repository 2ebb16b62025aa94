import { assertEquals } from "@std/assert";
import { Hono } from "hono";
import { intParam, intQuery, textQuery } from "../../lib/hono/mod.ts";
import { problemOf } from "../http/fakes.ts";

const app = new Hono()
  .get("/int", (c) => c.json(intQuery(c, "n", { min: -5, max: 10, default: 3 })))
  .get("/needed", (c) => c.json(intQuery(c, "n")))
  .get("/param/:n", (c) => c.json(intParam(c, "n")))
  .get("/text", (c) => c.json(textQuery(c, "q", { max: 5 })))
  .get("/any", (c) => c.json(textQuery(c, "q", { default: "" })));

async function read(path: string): Promise<unknown> {
  const response = await app.request(path);
  if (response.status === 200) return await response.json();
  const { code, detail } = await problemOf(response);
  return [response.status, code, detail];
}

const bad = (detail: string) => [400, "bad-parameter", detail];
const RANGE = bad("n must be an integer from -5 to 10");
const LENGTH = bad("q must be a text of 1 to 5 characters");
const NATURAL = bad(`n must be an integer from 0 to ${Number.MAX_SAFE_INTEGER}`);

Deno.test.each<[string, unknown]>([
  ["/int", 3],
  ["/int?n=7", 7],
  ["/int?n=-5", -5],
  ["/int?n=007", 7],
  ["/int?n=11", RANGE],
  ["/int?n=-6", RANGE],
  ["/int?n=", RANGE],
  ["/int?n=1e3", RANGE],
  ["/int?n=0x1", RANGE],
  ["/int?n=%EF%BC%95", RANGE],
  ["/int?n=1.5", RANGE],
  ["/needed", NATURAL],
  ["/needed?n=9007199254740991", 2 ** 53 - 1],
  ["/needed?n=9007199254740992", NATURAL],
  [`/needed?n=${"9".repeat(1000)}`, NATURAL],
  ["/param/12", 12],
  ["/param/-1", NATURAL],
  ["/param/x", NATURAL],
  ["/text?q=word", "word"],
  ["/text?q=caf%C3%A9", "café"],
  ["/text", LENGTH],
  ["/text?q=", LENGTH],
  ["/text?q=longer", LENGTH],
  ["/any", ""],
  ["/any?q=", ""],
  ["/any?q=A%201", "A 1"],
])("readers take %s for %s", async (path, expected) => {
  assertEquals(await read(path), expected);
});

Deno.test("readers refuse a query that is too long, and take a long path for none", async () => {
  const query = `n=${"1".repeat(5_000)}`;
  const detail = "The query has 5002 characters; the limit is 4096";
  assertEquals(await read(`/int?${query}`), [414, "query-too-long", detail]);
  assertEquals(await read(`/param/${"1".repeat(5_000)}`), NATURAL);
});
