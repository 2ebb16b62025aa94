/**
 * Registers a test that needs permissions. Without them it is ignored, and its name says which are missing:
 * plain `deno test` passes, and shows what it left out.
 *
 * @param needs What the test needs, as for `Deno.permissions.query`.
 */
export function testWith(
  needs: readonly Deno.PermissionDescriptor[],
  name: string,
  run: (context: Deno.TestContext) => void | Promise<void>,
): void {
  const missing = needs.filter((need) => Deno.permissions.querySync(need).state !== "granted");
  const flags = missing.map((need) => `--allow-${need.name}`);
  const reason = missing.length > 0 ? ` (ignored: needs ${flags.join(", ")})` : "";
  Deno.test({ name: name + reason, ignore: missing.length > 0, fn: run });
}
