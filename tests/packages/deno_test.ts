import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { ANSWERED, EXERCISED, NEEDS, Project, shownIn } from "./project.ts";

/** Stricter than the compiler is by default. */
const STRICT = {
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitReturns: true,
};

testWith(NEEDS, "the packages, installed in a Deno project", async (t) => {
  const files = ["api.ts", "worker.ts", "exercise.ts", "over_http.ts", "deno.ts", "deno_checks.ts"];
  await using project = await Project.make(files);
  await project.write("deno.json", JSON.stringify({ compilerOptions: STRICT }));
  const deno = (...args: string[]) => project.run(Deno.execPath(), ...args);

  await t.step("have types that are right by the strictest rules", async () => {
    await deno("check", ".");
  });

  await t.step("do what they promise", async () => {
    assertEquals(JSON.parse(await deno("run", "-A", "deno.ts")), [EXERCISED, ANSWERED]);
  });

  await t.step("do what their READMEs show", async () => {
    for (const path of ["lib/pool/README.md", "lib/hono/README.md"]) {
      for (const file of shownIn(path)) await project.write(...file);
    }
    assertEquals(await deno("run", "-A", "main.js"), "78498\n");
    const ask = "console.log(await (await app.request('/primes?below=100')).text()); Deno.exit()";
    await project.write("ask.js", `import app from "./app.js";\n${ask}`);
    assertEquals((await deno("run", "-A", "ask.js")).trim(), "25");
  });

  await t.step("need no permission to show the dashboard", async () => {
    await project.write(
      "dashboard.js",
      `import { offLoop } from "@off-the-loop/hono";
      import { inline } from "@off-the-loop/pool/inline";
      const page = await offLoop(inline({})).operator().request("/dashboard");
      console.log((await page.text()).match(/<h1>.*<.h1>/)[0]);`,
    );
    assertEquals(await deno("run", "--no-prompt", "dashboard.js"), "<h1>Dashboard</h1>\n");
  });

  await t.step("leave nothing behind, as sanitizers see it", async () => {
    await deno(
      "test",
      "-A",
      "--no-check",
      "--sanitize-ops",
      "--sanitize-resources",
      "deno_checks.ts",
    );
  });
});
