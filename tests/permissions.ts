/**
 * What a test can need: a permission, a program of the machine's, or something that it has looked for itself, and why that
 * is missing if it is.
 */
export type Need =
  | Deno.PermissionDescriptor
  | { name: "program"; program: string }
  | { name: "found"; missing: string | undefined };

/**
 * Registers a test that needs something. Without it the test is ignored, and its name says what is missing:
 * plain `deno test` passes, and shows what it left out.
 */
export function testWith(
  needs: readonly Need[],
  name: string,
  run: (context: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = needs.filter((need) => !has(need)).map((need) =>
    need.name === "program"
      ? need.program
      : need.name === "found"
      ? need.missing
      : `--allow-${need.name}`
  );
  const reason = missing.length > 0 ? ` (ignored: needs ${missing.join(", ")})` : "";
  Deno.test({ name: name + reason, ignore: missing.length > 0, fn: run });
}

function has(need: Need): boolean {
  if (need.name === "found") return need.missing === undefined;
  if (need.name !== "program") return Deno.permissions.querySync(need).state === "granted";
  if (!has({ name: "run" })) return false;
  try {
    new Deno.Command(need.program, { args: ["--version"], stdout: "null", stderr: "null" })
      .outputSync();
    return true;
  } catch {
    return false;
  }
}
