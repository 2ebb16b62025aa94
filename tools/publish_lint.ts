/**
 * `deno publish --dry-run` of all packages, which tells what would keep them from being published, types that are slow to
 * check among it; here a warning counts as well. Nothing is sent anywhere.
 *
 * @module
 */

const { success, stderr, stdout } = await new Deno.Command(Deno.execPath(), {
  // What has not been committed can be right, too.
  args: ["publish", "--dry-run", "--allow-dirty"],
  env: { NO_COLOR: "1" },
}).output();
const decoder = new TextDecoder();
const told = decoder.decode(stderr) + decoder.decode(stdout);
if (!success || /^warning\b/im.test(told)) {
  console.error(told.replaceAll(/^(Check| +file:).*\n/gm, ""));
  Deno.exit(1);
}
