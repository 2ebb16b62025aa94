// The page behind a proxy that has put the service under a path of its own.

import { assertEquals } from "@std/assert";
import { ask, testPageOf, textOf } from "./browser.ts";
import { Host } from "./host.ts";

testPageOf(
  () => Promise.resolve(new Host({ prefix: "/fib", states: ["idle"] })),
  "the page works under a prefix, whatever it loads and asks for",
  async ({ page, service }) => {
    const elsewhere: string[] = [];
    page.on("response", (response) => {
      if (!response.url().startsWith(service.at("/"))) elsewhere.push(response.url());
    });
    await page.reload();
    await page.locator("body[data-connection=live]").waitFor();
    assertEquals(await ask(page, "33"), "answered");
    assertEquals((await textOf(page, ".value")).replaceAll(/\D/g, ""), "3524578");
    assertEquals(page.url(), service.at("/?n=33&algorithm=fast-doubling"));
    assertEquals(
      await textOf(page, "#asked-curl"),
      `curl '${service.at("/33?algorithm=fast-doubling")}'`,
    );
    await page.fill("#ways-n", "25");
    await page.locator("#way-pool button").first().click();
    await page.locator("#way-pool[data-state=ready]").waitFor();
    for (const link of await page.locator("a[href]").all()) {
      const href = await link.evaluate((a) => (a as unknown as { href: string }).href);
      if (href.startsWith("http://127.0.0.1")) {
        assertEquals(href.startsWith(service.at("/")), true, href);
      }
    }
    assertEquals(elsewhere, []);
  },
);
