import { assertEquals, assertThrows } from "@std/assert";
import { dashboardSize, sizes } from "../../tools/build/budget.ts";

/** Files of these sizes, whose compressed forms have a half and a third of them. */
function files(bytes: Record<string, number>) {
  return new Map(
    Object.entries(bytes).flatMap(([path, length]) => [
      [path, new Uint8Array(length)] as const,
      [`${path}.gz`, new Uint8Array(length / 2)] as const,
      [`${path}.br`, new Uint8Array(length / 3)] as const,
    ]),
  );
}

Deno.test("sizes() has a line for each group, and one for all", () => {
  const built = files({ "page.html": 600, "a.js": 3000, "b.js": 6000 });
  assertEquals(sizes(built, { page: ["page.html", "a.js"], worker: ["b.js"] }), [
    "page: 3600 bytes, 1800 with gzip, 1200 with br",
    "worker: 6000 bytes, 3000 with gzip, 2000 with br",
    "all: 9600 bytes, 4800 with gzip, 3200 with br",
  ]);
});

Deno.test("sizes() takes 65 kB with br, and throws beyond with what is how large", () => {
  sizes(files({ "a.js": 120_000, "b.js": 75_000 }), { page: ["a.js"], worker: ["b.js"] });
  assertThrows(
    () => sizes(files({ "a.js": 120_000, "b.js": 75_003 }), { page: ["a.js"], worker: ["b.js"] }),
    Error,
    "Page loads 65001 bytes with br, and may load 65000: a.js 40000, b.js 25001",
  );
});

Deno.test("dashboardSize() takes 40 kB with gzip", () => {
  assertEquals(dashboardSize(99_000, 40_000), "dashboard: 99000 bytes, 40000 with gzip");
  assertThrows(() => dashboardSize(99_000, 40_001), Error, "and may have 40000");
});
