/**
 * Every case, by the name of its file of raw lines, in the order in which results show them.
 *
 * @module
 */

import { breakEven } from "./break_even.ts";
import { busy } from "./busy.ts";
import type { Case } from "./case.ts";
import { day } from "./day.ts";
import { digits } from "./digits.ts";
import { dispatch } from "./dispatch.ts";
import { cached, http1, http20, http25 } from "./http.ts";
import { page } from "./page.ts";
import { parallel } from "./parallel.ts";
import { payloads64, payloads8 } from "./payloads.ts";
import { depth, scale } from "./scale.ts";
import { sizes } from "./sizes.ts";
import { stall } from "./stall.ts";
import { start } from "./start.ts";
import { watched } from "./watched.ts";

export type { Case, Metric, Settings, Target, Values } from "./case.ts";

/** All of them. */
export const CASES: Readonly<Record<string, Case>> = {
  day,
  sizes,
  "payloads-8": payloads8,
  "payloads-64": payloads64,
  dispatch,
  "break-even": breakEven,
  parallel,
  scale,
  depth,
  "http-1": http1,
  "http-20": http20,
  "http-25": http25,
  cached,
  busy,
  stall,
  digits,
  start,
  watched,
  page,
};
