/** The version of the service, by semantic versioning. A test compares it with `deno.json` and `CHANGELOG.md`. */
export const VERSION = "0.1.0";
