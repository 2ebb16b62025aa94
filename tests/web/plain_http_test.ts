// The pool in a page over plain HTTP, where there are neither Web Locks nor shared memory.

import { assertEquals } from "@std/assert";
import { PLAIN_HOST, testPageOf } from "./browser.ts";
import { Bundled } from "./bundled.ts";
import type { Report } from "./fixtures/mortal.ts";

for (const host of [PLAIN_HOST, "127.0.0.1"]) {
  testPageOf(
    () => Bundled.make({ name: "mortal", host }),
    `workers that end without a word are noticed in a page from ${host}, and leave nothing`,
    async ({ page }) => {
      const lost = "Worker died while it ran close()";
      assertEquals(await page.evaluate<Report>("die()"), {
        secure: host !== PLAIN_HOST,
        results: [lost, "second", lost, "undefined", "fourth"],
        events: ["ready", "crashed", "ready", "crashed", "ready", "crashed", "ready"],
      });
    },
  );
}
