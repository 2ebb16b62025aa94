// The largest answer there is by default: two million digits.

import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { get } from "./client.ts";
import { NO_DEADLINE, STARTS_PROGRAMS, startService } from "./service.ts";
import { later, within } from "./waiting.ts";

const N = 10_000_000;

/** Computes F(n) and F(n + 1): another way than the service's own, to be a check on it. */
function pair(n: number): [bigint, bigint] {
  if (n === 0) return [0n, 1n];
  const [a, b] = pair(Math.floor(n / 2));
  const [even, odd] = [a * (2n * b - a), a * a + b * b];
  return n % 2 === 0 ? [even, odd] : [odd, even + odd];
}

testWith(STARTS_PROGRAMS, `/${N} is right, while the service stays responsive`, async (t) => {
  await using service = await startService({ env: NO_DEADLINE });

  await t.step("every digit is right, and every probe meanwhile is answered", async () => {
    let done = false;
    const asIs = { headers: { "accept-encoding": "identity" } };
    const answer = later(get(service, `/${N}`, asIs).finally(() => done = true));
    let probes = 0;
    for (; !done; probes++) assertEquals((await get(service, "/healthz")).status, 200);
    const { status, headers, body } = await within(20_000, "answer", answer);
    assert(probes > 1, `${probes} probes`);
    assertEquals(status, 200);
    assertEquals(body.length, 2_089_877);
    assertEquals(headers.get("content-length"), "2089877");
    assertEquals(body.slice(-10), "6380546875");
    // Not assertEquals: it would show the difference.
    assert(body === String(pair(N)[0]), "some digit is wrong");
  });

  await t.step("its last ten bytes can be had alone", async () => {
    const { status, headers, body } = await get(service, `/${N}`, {
      headers: { range: "bytes=-10" },
    });
    assertEquals([status, body], [206, "6380546875"]);
    assertEquals(headers.get("content-range"), "bytes 2089867-2089876/2089877");
  });
});
