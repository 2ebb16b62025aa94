/** What a type checker makes of the kit: each line that must not compile says so. Nothing here runs a method. */

import { Hono } from "hono";
import { offLoop, type OffLoopOptions } from "../../lib/hono/mod.ts";
import { cached } from "../../lib/pool/cached.ts";
import { inline } from "../../lib/pool/inline.ts";
import { type Backend, WorkerPool } from "../../lib/pool/mod.ts";

interface Primes {
  nextPrime(from: number): number;
  factors(n: number): Promise<number[]>;
}

/** Compiled, never called: it would start workers. */
export function composed(spawn: () => Worker) {
  const pool = new WorkerPool<Primes>({ spawn });
  const work = offLoop(cached(pool, { maxBytes: 1e6 }), {
    deadlineMs: 5_000,
    pure: ["nextPrime"],
    estimate: { nextPrime: (from) => from / 1e6 },
    onCall: (method) => void (method satisfies "nextPrime" | "factors"),
  });

  const chained = new Hono().use(work).get("/p/:from{[0-9]+}", async (c) => {
    const prime: number = await c.var.call("nextPrime", [Number(c.req.param("from"))]);
    // @ts-expect-error no such method
    void c.var.call("nope", []);
    return c.text(`${prime}\n`);
  });

  const theirs = new Hono<{ Variables: { user: string } }>();
  theirs.use("/jobs/*", work);
  theirs.get("/jobs/:from{[0-9]+}", async (c) => {
    const prime: number = await work.call(c, "nextPrime", [Number(c.req.param("from"))]);
    const all: number[] = await work.call(c, "factors", [prime]);
    // @ts-expect-error wrong argument
    void work.call(c, "nextPrime", ["7"]);
    // @ts-expect-error wrong number of arguments
    void work.answer(c, "nextPrime", []);
    // @ts-expect-error c.var.call is not in an unchained app's Env
    void c.var.call;
    return c.json({ all, user: c.var.user });
  });
  theirs.get("/many", (c) => {
    const primes: AsyncIterable<number> = work.map(c, "nextPrime", [[1], [2]]);
    // @ts-expect-error each element is the arguments of a call
    void work.map(c, "nextPrime", [1, 2]);
    const reports: AsyncIterable<{ report: unknown } | { result: number[] }> = work
      .reports(c, "factors", [7]);
    // @ts-expect-error whoever hears the reports is the reader
    void work.reports(c, "factors", [7], { onReport() {} });
    return work.stream(c, c.req.query("one") ? reports : primes);
  });
  theirs.route("/ops", work.operator());

  // @ts-expect-error no such method in pure
  offLoop(pool, { pure: ["nope"] });
  // @ts-expect-error no such method in estimate
  offLoop(pool, { estimate: { nope: () => 1 } });
  // @ts-expect-error no such method in pure
  cached(pool, { maxBytes: 1, pure: ["nope"] });
  // @ts-expect-error a number is no backend
  offLoop(7);
  const options: OffLoopOptions<Primes> = { pure: ["factors"] };
  return { chained, theirs, options };
}

interface Overloaded {
  at(index: number): number;
  at(name: string, among?: "a" | "b"): Promise<Date>;
}

/** Compiled, never called: what a call comes to follows the signature that takes its arguments. */
export function overloaded(pool: WorkerPool<Overloaded>) {
  const work = offLoop(cached(pool, { maxBytes: 1e6 }), {
    pure: ["at"],
    estimate: { at: (of, among?) => among === undefined ? Number(of) : 1 },
  });
  return new Hono().use(work).get("/at/:of", async (c) => {
    const number: number = await c.var.call("at", [7]);
    const date: Date = await work.call(c, "at", ["seven", "a"]);
    const dates: AsyncIterable<Date> = work.map(c, "at", [["one"], ["two", "b"]]);
    const reports: AsyncIterable<{ report: unknown } | { result: number }> = work
      .reports(c, "at", [7]);
    // @ts-expect-error of the other signature
    const wrong: Date = await work.call(c, "at", [7]);
    // @ts-expect-error of no signature
    void work.call(c, "at", [null]);
    // @ts-expect-error of two signatures
    void c.var.call("at", [7, "a"]);
    // @ts-expect-error of the other signature
    void work.answer(c, "at", ["seven"], { render: (value: number) => `${value}` });
    if (c.req.query("all")) return work.stream(c, c.req.query("one") ? reports : dates);
    return work.answer(c, "at", ["seven"], {
      render: (value) => `${number} ${date.getTime()} ${wrong} ${value.toISOString()}`,
    });
  });
}

Deno.test("offLoop() takes any backend, whose methods it infers", () => {
  const primes: Primes = { nextPrime: (from) => from, factors: (n) => Promise.resolve([n]) };
  const backends: Backend<Primes>[] = [inline(primes), cached(inline(primes), { maxBytes: 1 })];
  for (const backend of backends) offLoop(backend, { pure: ["nextPrime"] });
});
