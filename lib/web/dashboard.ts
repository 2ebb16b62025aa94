/**
 * The dashboard of any pool, which `lib/hono/` serves: `deno task dashboard` puts this, its styles and its markup into
 * the one module that is there.
 *
 * @module
 */

import { startWatching } from "./machine/machine.ts";
import { startSections } from "./ui/sections.ts";

startSections([startWatching]);
