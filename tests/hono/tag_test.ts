import { assertEquals } from "@std/assert";
import { common, textOf } from "../../lib/hono/tag.ts";

Deno.test.each<[tag: unknown, text: string | null]>([
  ["page 7", "page 7"],
  [7, "7"],
  [0, "0"],
  [7n, "7"],
  [{ n: 33, algorithm: "naive", coding: undefined, nested: { a: 1 } }, "33 naive"],
  [["a", 1, null, []], "a 1"],
  ["", null],
  [{}, null],
  [undefined, null],
  [null, null],
  [() => "code", null],
  [Symbol("s"), null],
  ["x".repeat(100), "x".repeat(60)],
])("textOf() makes of a tag what people read: %o", (tag, text) => {
  assertEquals(textOf(tag), text);
});

Deno.test("common() keeps the words that are in both", () => {
  assertEquals(common("33 naive", "34 naive"), "naive");
  assertEquals(common("a b c", "c a"), "a c");
  assertEquals(common("a", "b"), null);
  assertEquals(common("a", null), null);
});
