/** What a type checker makes of methods: each line that must not compile says so. Of the pool, nothing is run here. */

import { assertEquals } from "@std/assert";
import { cached } from "../../lib/pool/cached.ts";
import { inline } from "../../lib/pool/inline.ts";
import { type ArgsOf, type Backend, type ResultOf, WorkerPool } from "../../lib/pool/mod.ts";

interface Shape {
  width: number;
  unit?: "cm" | "mm";
}

interface Api {
  area(shape: Shape, scale?: number): string;
  sum(first: bigint, ...rest: number[]): Promise<bigint>;
  first<T extends string>(list: T[]): T;
  at(index: number): number;
  at(name: string, among?: "a" | "b"): Promise<Date>;
  four(of: number): "number";
  four(of: string): "string";
  four(of: Shape): "shape";
  four(of: boolean, and: boolean): "booleans";
}

/** Is an error if the types are not the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true
  : never;
const same = <A, B>(_same: Same<A, B>) => {};

same<ArgsOf<Api["area"]>, Parameters<Api["area"]>>(true);
same<ArgsOf<Api["sum"]>, [first: bigint, ...rest: number[]]>(true);
same<ArgsOf<Api["at"]>, [index: number] | [name: string, among?: "a" | "b"]>(true);
same<ResultOf<Api["sum"]>, bigint>(true);
same<ResultOf<Api["first"]>, string>(true);
same<ResultOf<Api["at"]>, number | Date>(true);
same<ResultOf<Api["at"], [string]>, Date>(true);
// @ts-expect-error another type
same<ResultOf<Api["at"], [string]>, number>(true);

/** Compiled, never called: it would start workers. */
export async function plain(pool: WorkerPool<Api>, one: "area" | "sum") {
  const area = await pool.call("area", [{ width: 1, unit: "cm" }]);
  same<typeof area, string>(true);
  const sum = await pool.call("sum", [1n, 2, ...[3, 4]]);
  same<typeof sum, bigint>(true);
  // Whoever knows better says so.
  const first = await pool.call("first", [["a", "b"]]) as "a" | "b";
  const either = await pool.call(one, null as never);
  same<typeof either, string | bigint>(true);
  // @ts-expect-error wrong argument
  void pool.call("area", ["7"]);
  // @ts-expect-error wrong rest
  void pool.call("sum", [1n, 2, "3"]);
  // @ts-expect-error missing argument
  void pool.call("area", []);
  // @ts-expect-error one too many
  void pool.call("area", [{ width: 1 }, 2, 3]);
  // @ts-expect-error misspelt field
  void pool.call("area", [{ width: 1, unti: "cm" }]);
  // @ts-expect-error no such method
  void pool.call("nope", []);
  return first;
}

/** Compiled, never called. */
export async function overloaded(pool: WorkerPool<Api>) {
  const { call } = pool as Backend<Api>;
  const byIndex = await pool.call("at", [7]);
  same<typeof byIndex, number>(true);
  const byName = await pool.call("at", ["seven", "a"]);
  same<typeof byName, Date>(true);
  const four = [
    await call("four", [1]),
    await call("four", ["1"]),
    await call("four", [{ width: 1 }]),
    await call("four", [true, false]),
  ] as const;
  same<typeof four, readonly ["number", "string", "shape", "booleans"]>(true);
  for await (const byName of pool.map("at", [["one"], ["two", "b"]])) {
    same<typeof byName, Date>(true);
  }
  const mixed: ArgsOf<Api["at"]>[] = [["one"], [2]];
  const oneOfThem = await pool.call("at", mixed[0]);
  same<typeof oneOfThem, number | Date>(true);
  for await (const either of pool.map("at", mixed)) same<typeof either, number | Date>(true);
  // @ts-expect-error of no signature
  void pool.call("at", [null]);
  // @ts-expect-error of two signatures
  void pool.call("at", [7, "a"]);
  // @ts-expect-error neither takes nothing
  void pool.call("at", []);
  // @ts-expect-error misspelt field
  void pool.call("four", [{ width: 1, unti: "cm" }]);
  // @ts-expect-error of no signature
  void pool.map("at", [[null]]);
  // @ts-expect-error of no signature
  void pool.refusal("at", [null]);

  const backend = cached(pool, { maxBytes: 1, pure: ["at"] });
  const found = backend.find("at", ["seven"]);
  same<typeof found, { readonly value: Date } | undefined>(true);
  // @ts-expect-error of no signature
  backend.joins("at", [null]);
}

/** Compiled, never called: whoever has no types gets none. */
// deno-lint-ignore no-explicit-any -- it is about that
export async function untyped(pool: WorkerPool<any>): Promise<string> {
  return (await pool.call("anything", [1, "2"])).field;
}

/** Compiled, never called: any signature will do to set up a worker. */
export function setUp(spawn: () => Worker) {
  new WorkerPool<Api>({ spawn, setup: { method: "at", args: [7] } });
  new WorkerPool<Api>({ spawn, setup: { method: "at", args: ["seven", "b"] } });
  // @ts-expect-error of no signature
  new WorkerPool<Api>({ spawn, setup: { method: "at", args: [7, "b"] } });
}

/** A function over any method of a backend. */
function twice<Name extends keyof Api>(
  backend: Backend<Pick<Api, Name>>,
  method: Name,
  args: ArgsOf<Api[Name]>,
): Promise<ResultOf<Api[Name]>[]> {
  return Promise.all([backend.call(method, args), backend.call(method, args)]);
}

Deno.test("inline() and cached() infer overloads, and call them", async () => {
  function at(index: number): number;
  function at(name: string, among?: "a" | "b"): Promise<Date>;
  function at(of: number | string): number | Promise<Date> {
    return typeof of === "number" ? of : Promise.resolve(new Date(of));
  }
  const backend = cached(inline({ at }), { maxBytes: 1e6 });
  const seven: number = await backend.call("at", [7]);
  const date: Date = await backend.call("at", ["2026-11-22"]);
  assertEquals([seven, date.getUTCFullYear()], [7, 2026]);
  assertEquals(await twice(backend, "at", [7]), [7, 7]);
});
