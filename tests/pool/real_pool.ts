/** Pools of real workers that misbehave on demand. */

import { type PoolEvent, WorkerPool, type WorkerPoolOptions } from "../../lib/pool/mod.ts";
import type { MisbehavingApi } from "../fixtures/misbehaving.ts";
import { testWith } from "../permissions.ts";

export const readsFixtures = { name: "read", path: new URL("../../", import.meta.url) } as const;

export function test(name: string, run: () => Promise<void>): void {
  testWith([readsFixtures], name, run);
}

export interface RealPool extends AsyncDisposable {
  pool: WorkerPool<MisbehavingApi>;
  /** Resolves with the first event of a type, past or to come. */
  event<T extends PoolEvent["type"]>(type: T): Promise<PoolEvent & { type: T }>;
}

export function realPool(
  { fixture = "misbehaving", ...options }: Partial<WorkerPoolOptions<MisbehavingApi>> & {
    fixture?: string;
  } = {},
): RealPool {
  const events: PoolEvent[] = [];
  let changed = Promise.withResolvers<void>();
  const pool = new WorkerPool<MisbehavingApi>({
    spawn: () =>
      new Worker(new URL(`../fixtures/${fixture}.ts`, import.meta.url), {
        type: "module",
        deno: { permissions: "none" },
      }),
    size: 1,
    onEvent: (event) => {
      events.push(event);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    ...options,
  });
  return {
    pool,
    async event(type) {
      while (true) {
        const found = events.find((event) => event.type === type);
        if (found) return found as never;
        await changed.promise;
      }
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
