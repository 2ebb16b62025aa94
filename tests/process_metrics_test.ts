import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import { processMetrics } from "../lib/process_metrics.ts";
import { VERSION } from "../lib/version.ts";
import { scrape } from "./e2e/client.ts";
import { STARTS_PROGRAMS, startService } from "./e2e/service.ts";
import { testWith } from "./permissions.ts";

/** Samples by name with labels. */
async function samples(): Promise<Map<string, number>> {
  const lines = (await processMetrics()).trim().split("\n").filter((line) => !line.startsWith("#"));
  return new Map(lines.map((line) => {
    const space = line.lastIndexOf(" ");
    return [line.slice(0, space), Number(line.slice(space))];
  }));
}

Deno.test("processMetrics() tells build, start, memory and processor time", async () => {
  const first = await samples();
  const { deno, v8 } = Deno.version;
  assertEquals(first.get(`build_info{version="${VERSION}",deno="${deno}",v8="${v8}"}`), 1);
  const age = Date.now() / 1000 - first.get("process_start_time_seconds")!;
  assertAlmostEquals(age, performance.now() / 1000, 5);
  assertGreater(first.get("process_resident_memory_bytes")!, 10e6);
  for (const end = performance.now() + 50; performance.now() < end;);
  const took = (await samples()).get("process_cpu_seconds_total")! -
    first.get("process_cpu_seconds_total")!;
  assert(took > 0.02 && took < 60, `${took} s of processor time`);
});

testWith(
  [{ name: "read" }, { name: "write" }, { name: "run" }, { name: "env" }, { name: "net" }],
  "processMetrics() tells descriptors where /proc may be read",
  async () => {
    const before = (await samples()).get("process_open_fds");
    // Only a program that may do everything can read it, and only on Linux.
    if (before === undefined) return;
    const files = Array.from({ length: 30 }, () => Deno.openSync(new URL(import.meta.url)));
    const during = await samples();
    for (const file of files) file.close();
    // Other tests of this process may open some, too.
    assertAlmostEquals(during.get("process_open_fds")! - before, 30, 20);
    assertGreater(during.get("process_max_fds")!, during.get("process_open_fds")!);
  },
);

testWith(STARTS_PROGRAMS, "/metrics of the service has them, and needs no permission", async () => {
  await using service = await startService();
  const scraped = await scrape(service);
  for (const name of ["start_time_seconds", "resident_memory_bytes", "cpu_seconds_total"]) {
    assertGreater(scraped.get(`process_${name}`)!, 0, name);
  }
  assert([...scraped.keys()].some((name) => name.startsWith("build_info{")));
});
