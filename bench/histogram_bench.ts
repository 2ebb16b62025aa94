/**
 * What the pool's statistics cost: three values are recorded for every call, and nobody would want to wait for
 * them. Timed are 1000 values of each kind.
 *
 * @module
 */

import { Histogram } from "../lib/pool/histogram.ts";

const histogram = new Histogram();
const values = Array.from({ length: 1000 }, (_, i) => 1.01 ** i / 64);

Deno.bench("record 1000 values", () => {
  for (const value of values) histogram.record(value);
});

Deno.bench("take 1000 snapshots", () => {
  for (let i = 0; i < values.length; i++) histogram.snapshot();
});
