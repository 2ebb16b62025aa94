/**
 * The Fibonacci page at `/`: the section of any pool's dashboard, and three that know nothing of each other's work.
 *
 * ```
 *  ask      one question, one answer, and where its time went
 *  machine  what the service's workers do, as it happens
 *  load     many questions at once
 *  ways     the same pool in this tab, and two worse ways
 * ```
 *
 * @module
 */

import { BY_ALGORITHM } from "./algorithms.ts";
import { startAsking } from "./ask/ask.ts";
import { startLoading } from "./load/load.ts";
import { startWatching } from "./machine/machine.ts";
import { startSections } from "./ui/sections.ts";
import { startComparing } from "./ways/ways.ts";

startSections([
  startAsking,
  (announce) => startWatching(announce, BY_ALGORITHM),
  startLoading,
  startComparing,
]);
