// Whether everybody can use the page: at any width, in light and dark, by keyboard, with a screen reader.

import { assert, assertEquals } from "@std/assert";
import { ask, shows, testPage, VIEWS, violations } from "./browser.ts";

testPage("axe finds nothing, and nothing sticks out", async ({ open, t }) => {
  for (const [name, view] of Object.entries(VIEWS)) {
    await t.step(name, async () => {
      const page = await open("/", view);
      await shows(page, "#connection", "Live");
      assertEquals(await violations(page), []);

      assertEquals(await ask(page, "100000"), "answered");
      await page.click("#workers summary");
      await page.locator("#workers-rows tr").first().waitFor();
      await page.fill("#n", "x");
      await page.keyboard.press("Enter");
      await shows(page, "#n-error", "n must be 1 to 40 digits");
      assertEquals(await violations(page), []);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assertEquals(wide, view.width);
      await page.context().close();
    });
  }
});

testPage(
  "everything can be reached and used by keyboard, in the order it is read",
  async (visit) => {
    const { page } = visit;
    const seen: string[] = [];
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press("Tab");
      const { id, label, outlined } = await page.evaluate(() => {
        const active = document.activeElement!;
        if (active === document.body) return { id: "", label: "", outlined: false };
        const marked = active.matches("input[type=radio]") ? active.nextElementSibling! : active;
        return {
          id: active.id || active.closest("[id]")?.id || "page",
          label: active.textContent!.trim().replaceAll(/\s+/g, " "),
          outlined: getComputedStyle(marked).outlineStyle !== "none",
        };
      });
      if (id === "" || seen.includes(`${id} ${label}`)) break;
      assert(outlined, `${id} ${label} does not show that it has the focus`);
      seen.push(`${id} ${label}`);
    }
    const order = ["n ", "compute Compute", "examples ten million", "asked-link", "freeze Freeze"];
    const places = order.map((start) => seen.findIndex((entry) => entry.startsWith(start)));
    assertEquals(places, places.toSorted((a, b) => a - b));
    assert(places[0] >= 0, seen.join("\n"));
    for (const last of ["load-send Send", "way-pool Run in the pool"]) {
      assert(seen.includes(last), `${last} is not among\n${seen.join("\n")}`);
    }

    await page.focus("#n");
    await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowRight");
    assertEquals(await page.isChecked('input[value="iterative"]'), true);
    await page.keyboard.press("Enter");
    await shows(page, "#answer h3", "F(33)");
  },
);

testPage("nothing moves when the answer comes", async ({ page }) => {
  await shows(page, "#connection", "Live");
  const top = () =>
    page.locator("#load").evaluate((section) => section.getBoundingClientRect().top);
  const before = await top();
  assertEquals(await ask(page, "33", "naive"), "answered");
  assertEquals(await top(), before);
});

testPage("everything follows when the window is made narrower, and wider", async ({ page }) => {
  await shows(page, "#connection", "Live");
  for (const width of [1280, 1000, 360, 740, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    await page.waitForFunction((width) => {
      const fits = (chart: Element) => chart.clientWidth <= chart.parentElement!.clientWidth;
      return document.documentElement.scrollWidth === width &&
        [...document.querySelectorAll(".uplot")].every(fits);
    }, width);
  }
});
