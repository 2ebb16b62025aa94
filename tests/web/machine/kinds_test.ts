import { assertEquals } from "@std/assert";
import { BY_ALGORITHM } from "../../../lib/web/algorithms.ts";
import { BY_METHOD, textsOf } from "../../../lib/web/machine/kinds.ts";

Deno.test("a bar has the method and the tag written on it, or the tag", () => {
  const told = { method: "render", tag: "page 7" };
  assertEquals(textsOf(told, 1, BY_METHOD), ["render page 7", "page 7"]);
  assertEquals(textsOf(told, 3, BY_METHOD), ["3 × render page 7", "3 × page 7"]);
  assertEquals(textsOf({ method: "render", tag: null }, 1, BY_METHOD), ["render"]);
  assertEquals(textsOf({ method: null, tag: "page" }, 2, BY_METHOD), ["2 × page", "2 × page"]);
  assertEquals(textsOf({ method: null, tag: null }, 2, BY_METHOD), ["2 × several"]);
});

Deno.test("the Fibonacci page has at least n on it, and colours by the algorithm", () => {
  const told = { method: "fibonacci", tag: "33 naive" };
  assertEquals(textsOf(told, 1, BY_ALGORITHM), ["fibonacci 33 naive", "33 naive", "33"]);
  assertEquals(BY_ALGORITHM.of(told), "naive");
  // Of several calls whose n differ, or whose algorithms do.
  assertEquals(BY_ALGORITHM.of({ ...told, tag: "naive" }), "naive");
  assertEquals(BY_ALGORITHM.of({ ...told, tag: "33" }), null);
  assertEquals(BY_ALGORITHM.of({ method: "calibrate", tag: null }), null);
});
