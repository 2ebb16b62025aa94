/**
 * The pool's queue, beside an array and a `Set`. Timed is what 10 000 waiting calls cost, all in all: to come
 * and have their turn, or to come and be aborted while they wait.
 *
 * @module
 */

import { Queue } from "../lib/pool/queueing/queue.ts";

const CALLS = Array.from({ length: 10_000 }, (_, id) => ({ id }));
/** In no order that a queue could profit from, and the same each time. */
const ABORTED = CALLS.map((_, i) => i * 7_919 % CALLS.length);

Deno.bench({
  name: "Queue",
  group: "turns",
  baseline: true,
  fn() {
    const queue = new Queue<object>();
    const places = CALLS.map((call) => queue.push(call));
    for (let i = 0; queue.first; i++) queue.remove(places[i]);
  },
});

Deno.bench({
  name: "array",
  group: "turns",
  fn() {
    const queue: object[] = [];
    for (const call of CALLS) queue.push(call);
    while (queue.length > 0) queue.shift();
  },
});

Deno.bench({
  name: "Set",
  group: "turns",
  fn() {
    const queue = new Set<object>();
    for (const call of CALLS) queue.add(call);
    while (queue.size > 0) queue.delete(queue.values().next().value!);
  },
});

Deno.bench({
  name: "Queue",
  group: "aborts",
  baseline: true,
  fn() {
    const queue = new Queue<object>();
    const places = CALLS.map((call) => queue.push(call));
    for (const i of ABORTED) queue.remove(places[i]);
  },
});

Deno.bench({
  name: "array",
  group: "aborts",
  fn() {
    const queue: object[] = [];
    for (const call of CALLS) queue.push(call);
    for (const i of ABORTED) queue.splice(queue.indexOf(CALLS[i]), 1);
  },
});

Deno.bench({
  name: "Set",
  group: "aborts",
  fn() {
    const queue = new Set<object>();
    for (const call of CALLS) queue.add(call);
    for (const i of ABORTED) queue.delete(CALLS[i]);
  },
});
