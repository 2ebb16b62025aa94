import { type PoolEvent, WorkerPool, type WorkerPoolOptions } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeWorker } from "./fake_worker.ts";

/** A call that has started and waits for the test to let it go. */
export interface HeldCall {
  /** The worker that runs it: its number in the order of starting. */
  readonly worker: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/** What the fake workers serve. */
export interface HarnessApi {
  /** Runs until the test lets it go. `id` is the test's own name for it. */
  hold(id: string): Promise<unknown>;
  /** Returns its argument at once. */
  echo(value: unknown): unknown;
}

/** A pool of fake workers on a fake clock, whose calls run for as long as the test likes. */
export class Harness implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly workers: FakeWorker[] = [];
  readonly events: PoolEvent[] = [];
  /** Names of calls, in the order they started. */
  readonly started: string[] = [];
  readonly held = new Map<string, HeldCall>();
  readonly pool: WorkerPool<HarnessApi>;
  #watchers = new Set<() => void>();

  constructor(options: Partial<WorkerPoolOptions<HarnessApi>> = {}) {
    this.pool = new WorkerPool<HarnessApi>({
      spawn: () => this.spawn(),
      size: 2,
      clock: this.clock,
      onEvent: (event) => {
        this.events.push(event);
        this.#changed();
      },
      ...options,
    });
    this.clock.advance(12 + 20 * this.pool.size); // The workers start, one after the other.
  }

  spawn(): FakeWorker {
    const number = this.workers.length;
    const worker = new FakeWorker({
      hold: (id: string) =>
        new Promise((resolve, reject) => {
          this.started.push(id);
          this.held.set(id, { worker: number, resolve, reject });
          this.#changed();
        }),
      echo: (value: unknown) => value,
    });
    this.workers.push(worker);
    return worker;
  }

  /** Resolves as soon as `condition` holds; looked at whenever a call starts or a worker changes. */
  until(condition: () => boolean): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = () => {
        if (!condition()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  /** Lets time pass, 10 ms a turn of the event loop, until `condition` holds. */
  async passTimeUntil(condition: () => boolean): Promise<void> {
    for (let turn = 0; !condition(); turn++) {
      if (turn === 1_000) throw new Error("Nothing has come of 10 s");
      this.clock.advance(10);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  /** Resolves when a call has started. */
  running(id: string): Promise<void> {
    return this.until(() => this.held.has(id));
  }

  /** Lets a running call end with a value. */
  release(id: string, value: unknown = id): void {
    this.held.get(id)!.resolve(value);
    this.held.delete(id);
  }

  /** Waits for an event of the pool. */
  async event<T extends PoolEvent["type"]>(type: T): Promise<PoolEvent & { type: T }> {
    const find = () => this.events.find((event) => event.type === type);
    await this.until(() => find() !== undefined);
    return find() as PoolEvent & { type: T };
  }

  #changed(): void {
    for (const look of [...this.#watchers]) look();
  }

  /** Closes the pool at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.pool.close({ graceMs: 0 });
    let isClosed = false;
    closed.then(() => isClosed = true);
    // Nobody lets the held calls go: its grace and the workers' pass.
    await this.passTimeUntil(() => isClosed);
    await closed;
  }
}
