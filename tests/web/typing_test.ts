// The pool in somebody else's page, where memory may not be shared.

import { assertEquals } from "@std/assert";
import { testPageOf } from "./browser.ts";
import { Bundled } from "./bundled.ts";

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

for (const [name, headers] of Object.entries({ isolated: ISOLATION, "not isolated": {} })) {
  testPageOf(
    () => Bundled.make({ name: "typing", headers }),
    `whoever types gets the last answer, in a page that is ${name}`,
    async ({ page }) => {
      for (const size of [1, 2]) {
        const outcome = await page.evaluate(`type(${size}, 10)`);
        assertEquals(
          outcome,
          `found ${"x".repeat(10)}, open, 0 wedged, isolated: ${name === "isolated"}`,
        );
      }
    },
  );
}
