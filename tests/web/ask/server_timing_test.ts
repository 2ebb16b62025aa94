import { assertEquals } from "@std/assert";
import { parseServerTiming, phasesOf } from "../../../lib/web/ask/server_timing.ts";
import { fixture, resultOf } from "../../http/fakes.ts";

Deno.test("parseServerTiming() reads what the service writes", async () => {
  const part = { queueMs: 0.25, computeMs: 24.5, transferMs: 0.125, worker: 1 };
  const { get } = fixture({ compute: ({ n }) => Promise.resolve(resultOf(n, part)) });
  const header = (await get("/33")).headers.get("server-timing");
  assertEquals(parseServerTiming(header), { cache: "miss", ...part });
});

Deno.test("parseServerTiming() makes the best of an answer without it", () => {
  const nothing = { queueMs: 0, computeMs: 0, transferMs: 0, worker: undefined };
  assertEquals(parseServerTiming(null), { cache: "off", ...nothing });
  assertEquals(parseServerTiming("cache;desc=hit"), { cache: "hit", ...nothing });
});

Deno.test("phasesOf() gives the network what is left, and never less than nothing", () => {
  const timing = { cache: "miss", queueMs: 1, computeMs: 20, transferMs: 2, worker: 0 };
  assertEquals(phasesOf(timing, 30).map(({ ms }) => ms), [1, 20, 2, 7]);
  assertEquals(phasesOf(timing, 10).map(({ ms }) => ms), [1, 20, 2, 0]);
});
