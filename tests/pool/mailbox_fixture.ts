/** A pool whose workers do what the test says. */

import { assertEquals } from "@std/assert";
import { type CallOptions, WorkerPool } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { ScriptedWorker } from "./scripted_worker.ts";

export interface Api {
  echo(value: unknown): unknown;
}

/** A pool whose workers are ready, and do what the test says. */
export class Fixture implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly workers: ScriptedWorker[] = [];
  readonly pool: WorkerPool<Api>;
  /** What became of calls by the name of each, in order. */
  readonly ended: string[] = [];

  constructor(size = 1, { watchdog = false } = {}) {
    this.pool = new WorkerPool<Api>({
      size,
      clock: this.clock,
      spawn: () => {
        const worker = new ScriptedWorker();
        this.workers.push(worker);
        return worker;
      },
    });
    this.clock.advance(20 * size);
    for (const worker of this.workers) worker.ready(undefined, watchdog);
  }

  /** Calls by a name. */
  call(name: string, estimateMs?: number, options: CallOptions = {}): void {
    this.pool.call("echo", [name], { estimateMs, pure: true, ...options }).then(
      (value) => this.ended.push(String(value)),
      (error) => this.ended.push(`${name}: ${error.name}`),
    );
  }

  /** Asserts that nothing is left of any call, however long one waits. */
  assertIdle(): void {
    this.clock.advance(1e6);
    const { slots, queue } = this.pool.stats();
    assertEquals(
      slots.map(({ state, inFlight }) => [state, inFlight]),
      slots.map(() => ["idle", 0]),
    );
    assertEquals([queue.length, queue.predictedWaitMs], [0, 0]);
    assertEquals(this.clock.pending, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.pool.close({ graceMs: 0 });
    // First the calls' grace passes, then that of the workers.
    for (const _ of ["calls", "workers"]) {
      this.clock.advance(10_000);
      await settled();
    }
    await closed;
    assertEquals(this.clock.pending, 0);
  }
}

/** Lets every promise that can settle do so. */
export const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
