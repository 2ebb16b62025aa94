/**
 * Every case, by the name of its file of raw lines, in the order in which results show them.
 *
 * @module
 */

import { busy } from "./busy.ts";
import { cached } from "./cached.ts";
import type { Case } from "./case.ts";
import { digits } from "./digits.ts";
import { dispatch } from "./dispatch.ts";
import { http, work } from "./http.ts";
import { page } from "./page.ts";
import { parallel } from "./parallel.ts";
import { stall } from "./stall.ts";
import { start } from "./start.ts";
import { watched } from "./watched.ts";

export type { Case, Metric, Settings, Target, Values } from "./case.ts";

/** All of them. */
export const CASES: Readonly<Record<string, Case>> = {
  dispatch,
  http,
  work,
  cached,
  busy,
  stall,
  digits,
  parallel,
  start,
  watched,
  page,
};
