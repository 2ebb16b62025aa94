import { assertEquals, assertLess } from "@std/assert";
import { negotiate, negotiateCoding } from "../../lib/hono/negotiation.ts";

const TYPES = { text: "text/plain", json: "application/json" };

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
  assertEquals(negotiate(accept, TYPES), format);
});

Deno.test.each<[string | undefined, string | undefined]>([
  [undefined, undefined],
  ["", undefined],
  ["gzip", "gzip"],
  ["br", "br"],
  ["GZIP", "gzip"],
  ["Br;Q=0.5", "br"],
  ["gzip, deflate, br, zstd", "gzip"],
  ["br, gzip", "gzip"],
  ["deflate, zstd", undefined],
  ["x-gzip", undefined],
  ["*", "gzip"],
  ["*;q=0.1", "gzip"],
  ["*;q=0", undefined],
  ["gzip;q=0", undefined],
  ["gzip;q=0, br;q=0, *;q=0", undefined],
  ["gzip;q=0, *", "br"],
  ["br;q=0, *", "gzip"],
  ["*;q=0, br", "br"],
  ["br, *;q=0.5", "br"],
  ["gzip;q=0.5, *;q=0.6", "br"],
  ["br;q=0.5, gzip;q=0.4", "br"],
  ["br;q=0.5, gzip;q=0.5", "gzip"],
  ["gzip;q=0.001", "gzip"],
  ["gzip;q=0.000", undefined],
  ["gzip ; q=0.3 , br ; q=0.4", "br"],
  ["identity", undefined],
  ["identity;q=1, gzip;q=0.5", undefined],
  ["identity;q=0.5, gzip;q=0.5", "gzip"],
  ["identity;q=0.4, gzip;q=0.5, br;q=0.3", "gzip"],
  ["identity;q=0.4, gzip;q=0.3, br;q=0.5", "br"],
  ["identity, *;q=0.5", undefined],
  // Nothing is acceptable: a server may send it as it is all the same.
  ["identity;q=0", undefined],
  ["identity;q=0, gzip", "gzip"],
  // Malformed.
  [",;=", undefined],
  [";q=1, gzip", "gzip"],
  [",,gzip,,", "gzip"],
  ["gzip;;;", "gzip"],
  ["gzip br", undefined],
  ['"gzip"', undefined],
  ["gzip/*", undefined],
  ["gzip;q=-1", undefined],
  ["gzip;q=high", "gzip"],
])("negotiateCoding() %s is %s", (acceptEncoding, coding) => {
  assertEquals(negotiateCoding(acceptEncoding), coding);
});

Deno.test.each(["gzip,", "*;q=0.5,", ";", '"', 'gzip;q="', ", "])(
  "negotiateCoding() is through with 64 kB of %s in no time",
  (part) => {
    const startedAt = performance.now();
    negotiateCoding(part.repeat(64_000 / part.length));
    // A few milliseconds; what takes time by the square takes a second.
    assertLess(performance.now() - startedAt, 500);
  },
);
