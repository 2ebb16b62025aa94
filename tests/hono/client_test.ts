import { assertEquals, assertThrows } from "@std/assert";
import { clientOf } from "../../lib/hono/client.ts";
import { trustedProxies } from "../../lib/trusted_proxies.ts";

const trusts = trustedProxies("10.0.0.0/8, 2001:db8::/32,192.0.2.1");

const CASES: readonly {
  peer?: string;
  headers: Record<string, string>;
  client: string | undefined;
}[] = [
  { headers: { "x-forwarded-for": "198.51.100.7" }, client: undefined },
  { peer: "198.51.100.7", headers: { "x-forwarded-for": "203.0.113.9" }, client: "198.51.100.7" },
  { peer: "10.1.1.1", headers: {}, client: "10.1.1.1" },
  { peer: "10.1.1.1", headers: { "x-forwarded-for": "203.0.113.9" }, client: "203.0.113.9" },
  {
    peer: "10.1.1.1",
    headers: { "x-forwarded-for": "made-up, 203.0.113.9, 10.2.2.2" },
    client: "203.0.113.9",
  },
  {
    peer: "10.1.1.1",
    headers: { forwarded: 'for=192.0.2.43;proto=http, For="[2001:db8:cafe::17]:4711"' },
    client: "192.0.2.43",
  },
  { peer: "192.0.2.1", headers: { forwarded: 'for="203.0.113.9:80";by=x' }, client: "203.0.113.9" },
  {
    peer: "10.1.1.1",
    headers: { forwarded: "for=203.0.113.9", "x-forwarded-for": "203.0.113.10" },
    client: "203.0.113.9",
  },
  { peer: "10.1.1.1", headers: { forwarded: "for=unknown" }, client: "unknown" },
  { peer: "10.1.1.1", headers: { "x-forwarded-for": ",".repeat(64_000) }, client: "" },
];

for (const { peer, headers, client } of CASES) {
  const shown = JSON.stringify(headers).slice(0, 80);
  Deno.test(`clientOf() finds ${client} behind ${peer} by ${shown}`, () => {
    assertEquals(clientOf(peer, new Headers(headers), trusts), client);
  });
}

Deno.test("clientOf() trusts nobody by default", () => {
  const headers = new Headers({ "x-forwarded-for": "203.0.113.9" });
  assertEquals(clientOf("10.1.1.1", headers, undefined), "10.1.1.1");
});

Deno.test("trustedProxies() refuses what is no address", () => {
  for (const list of ["", "x", "10.0.0.0/33", "10.0.0.0/8/8", "10.0.0.1,", "::1/129", "1/2"]) {
    assertThrows(
      () => trustedProxies(list),
      TypeError,
      "is neither an address nor a network",
      list,
    );
  }
});
