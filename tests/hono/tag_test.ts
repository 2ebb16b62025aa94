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
  [Array.from({ length: 100 }, () => 7), "7 ".repeat(30)],
  [new Uint8Array(100), null],
])("textOf() makes of a tag what people read: %o", (tag, text) => {
  assertEquals(textOf(tag), text);
});

Deno.test("textOf() takes a tag that can't be read for none", () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  assertEquals(textOf(proxy), null);
  const thrower = {
    first: 1,
    get second() {
      throw new Error("It can't be read");
    },
  };
  assertEquals(textOf(thrower), null);
});

Deno.test("common() keeps the words that are in both", () => {
  assertEquals(common("33 naive", "34 naive"), "naive");
  assertEquals(common("a b c", "c a"), "a c");
  assertEquals(common("a", "b"), null);
  assertEquals(common("a", null), null);
});
