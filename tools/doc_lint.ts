/**
 * `deno doc --lint`, which wants every type that a public one refers to to be exported from here, Hono's own too: those
 * may stay where they are.
 *
 * @module
 */

/** The types of Hono's that public types refer to. */
const HONOS = ["Context", "HTTPException", "Hono", "MiddlewareHandler"];

const { code, stderr } = await new Deno.Command(Deno.execPath(), {
  args: ["doc", "--lint", ...Deno.args],
  env: { NO_COLOR: "1" },
  stdout: "null",
}).output();
const [told] = new TextDecoder().decode(stderr).split(/^error: Found/m);
const errors = told.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
const isHonos = new RegExp(`references private type '(${HONOS.join("|")})'`);
const ours = errors.filter((error) => !isHonos.test(error));
for (const error of ours) console.error(error);
// Without an error to show, it has failed otherwise.
if (code !== 0 && (ours.length > 0 || errors.length === 0)) {
  if (errors.length === 0) console.error(told);
  Deno.exit(1);
}
