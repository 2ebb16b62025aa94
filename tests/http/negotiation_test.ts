import { assertEquals } from "@std/assert";
import { negotiate } from "../../lib/http/negotiation.ts";

Deno.test.each<[string | undefined, string | undefined]>([
  [undefined, "text"],
  ["", "text"],
  ["*/*", "text"],
  ["text/plain", "text"],
  ["TEXT/Plain", "text"],
  ["application/json", "json"],
  ["text/*", "text"],
  ["application/*", "json"],
  ["text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text"],
  ["application/json, text/plain, */*", "text"],
  ["application/json, */*", "json"],
  ["application/json;q=0.9, */*", "text"],
  ["text/plain;q=0.5, application/json;q=0.6", "json"],
  ["text/plain;q=0.6, application/json;q=0.6", "text"],
  ["text/plain; charset=utf-8", "text"],
  ["application/json;charset=utf-8", "json"],
  ["text/plain;q=0, */*", "json"],
  ["text/*;q=0.9, text/plain;q=0.1, application/json;q=0.5", "json"],
  ["image/png, */*;q=0.001", "text"],
  ["text/plain;q=0", undefined],
  ["*/*;q=0", undefined],
  ["*/*;q=0, application/json;q=0", undefined],
  ["application/json;q=0, text/*;q=0", undefined],
  ["image/*", undefined],
  ["text", undefined],
  [",;=", undefined],
])("negotiate() %s is %s", (accept, format) => {
  assertEquals(negotiate(accept), format);
});
