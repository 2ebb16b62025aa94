import { FakeClock } from "../pool/fake_clock.ts";
import { SimulatedLocks } from "./locks.ts";
import { methodsOf } from "./methods.ts";
import { type End, seesSilentDeaths, type Settings } from "./plan.ts";
import type { PoolUnderTest } from "./pool_under_test.ts";
import { SimulatedWorker } from "./simulated_worker.ts";
import type { Port } from "../../lib/pool/worker.ts";

/** A promise chain through pool, Comlink and worker is shorter than this. */
const MICROTASKS = 40;

/** More happens at no moment, unless something goes round in circles. */
const MOST_EVENTS = 10_000;

/** What a {@linkcode World} tells of. */
export interface Witness {
  /** A worker has started a call. */
  started(id: number, worker: SimulatedWorker): void;
  /** A method has returned. */
  finished(id: number, worker: SimulatedWorker): void;
  /** The pool is about to terminate a worker. */
  beforeTerminate(worker: SimulatedWorker): void;
}

/** Something that can happen now, without any time passing. */
type Event = () => void;

/**
 * Everything around the pool, on one clock and in one thread: workers, their messages, their locks, and whether
 * the pool's own thread has time for them. Nothing in it happens by itself.
 */
export class World {
  readonly clock = new FakeClock();
  readonly locks = new SimulatedLocks();
  readonly workers: SimulatedWorker[] = [];
  /** Whose roll is called by which words of shared memory. */
  readonly calls = new WeakMap<Int32Array, SimulatedWorker>();
  readonly pool: PoolUnderTest;
  readonly #settings: Settings;
  readonly #witness: Witness;
  /** The worker whose turn it is: {@linkcode now} tells its time. */
  #current: SimulatedWorker | undefined;
  /** When the pool's thread was last busy. */
  freeSince = 0;
  /** What has gone wrong first. */
  fault: Error | undefined;
  /** Told of all that happens, in words. */
  note: (text: string) => void = () => {};

  constructor(pool: PoolUnderTest, settings: Settings, witness: Witness) {
    this.pool = pool;
    this.#settings = settings;
    this.#witness = witness;
  }

  /** Whether workers are set up before they take calls. */
  get setsUp(): boolean {
    return this.#settings.setup;
  }

  /** A promise was broken. The first counts: the others may follow from it. */
  fail(message: string): void {
    this.note(`FAULT ${message}`);
    this.fault ??= new Error(message);
  }

  /** What the pool's own `spawn` does. @throws {Error} If this one is not allowed to. */
  spawn(): SimulatedWorker {
    const number = this.workers.length;
    const load = this.#settings.loads[number] ?? "serves";
    const worker = new SimulatedWorker(this, number, load);
    this.workers.push(worker);
    this.note(`worker ${number} ${load}`);
    if (load !== "is refused") return worker;
    worker.end();
    throw new Error("Worker was refused");
  }

  /** What a worker's module does when it is loaded. */
  serve(worker: SimulatedWorker, port: Port): void {
    const watchdog = this.#settings.watchdog ? worker.watchdog : undefined;
    this.pool.serve(methodsOf(worker, this), { port, watchdog, clock: this });
  }

  /** As `Atomics.waitAsync`, in the worker whose turn it is. */
  waitAsync(): { async: true; value: Promise<void> } {
    return { async: true, value: this.#current!.leaveWaiter() };
  }

  /** As `Atomics.notify`, for one waiter. */
  notify(words: Int32Array): number {
    // Else nobody waits: it is about reports.
    return Number(this.calls.get(words)?.takeWaiter() ?? false);
  }

  /** A thread ends. Without locks and shared memory nobody can notice that it did so silently: then it doesn't. */
  end(worker: SimulatedWorker, how: End): void {
    if (how === "with an error" || !seesSilentDeaths(this.#settings)) return worker.crash();
    worker.end();
    while (how === "silently, lock first" && this.locks.news > 0) this.locks.tell();
  }

  started(id: number, worker: SimulatedWorker): void {
    this.note(`worker ${worker.number} starts call ${id}`);
    this.#witness.started(id, worker);
  }

  finished(id: number, worker: SimulatedWorker): void {
    this.#witness.finished(id, worker);
  }

  beforeTerminate(worker: SimulatedWorker): void {
    this.note(`worker ${worker.number} is terminated`);
    this.#witness.beforeTerminate(worker);
  }

  /** The time of whichever thread's turn it is. */
  now(): number {
    return this.#current?.localNow ?? this.clock.now();
  }

  /** Lets every promise settle that can. */
  async settle(): Promise<void> {
    for (let i = 0; i < MICROTASKS; i++) await null;
  }

  /** Lets one thing happen for which no time need pass. @returns Whether there was any. */
  async deliver(which: number): Promise<boolean> {
    const events = this.#events();
    if (events.length === 0) return false;
    await this.#do(events[which % events.length]);
    return true;
  }

  /**
   * Lets time pass, and all that is due in it happen: messages are read at once, timers fire on time.
   *
   * @param order Which of several things that can happen at a moment is first.
   * @param starved Whether workers get no processor.
   */
  async pass(ms: number, order: number, starved = false): Promise<void> {
    const end = this.clock.now() + ms;
    for (let left = MOST_EVENTS;; left--) {
      if (left === 0) return this.fail(`more than ${MOST_EVENTS} things happened within ${ms} ms`);
      const events = this.#events(starved);
      if (events.length > 0) await this.#do(events[order++ % events.length]);
      else if (this.clock.nextAt <= this.clock.now()) await this.#do(() => this.clock.fireNext());
      else {
        const next = Math.min(this.clock.nextAt, this.#nextAt(starved));
        if (next > end) break;
        this.clock.skipTo(next);
      }
    }
    this.clock.skipTo(end);
  }

  /**
   * The pool's thread is busy for so long. Then those of its timers fire that are due, and then it reads what workers
   * have said. What these timers set is due one turn later, after that. So it is on Deno.
   */
  async block(ms: number, order: number): Promise<void> {
    const end = this.clock.now() + ms;
    for (;;) {
      const next = Math.min(...this.workers.map((worker) => worker.actsAt));
      if (next > end) break;
      this.clock.skipTo(next);
      const worker = this.workers.find((worker) => worker.actsAt <= next)!;
      await this.#do(() => this.#act(worker));
    }
    this.clock.skipTo(end);
    this.freeSince = end;
    for (const _ of this.clock.fireDue()) await this.#do(() => {});
    for (let events = this.#events(); events.length > 0; events = this.#events()) {
      await this.#do(events[order++ % events.length]);
    }
  }

  async #do(event: Event): Promise<void> {
    event();
    await this.settle();
    this.#current = undefined;
  }

  #act(worker: SimulatedWorker): void {
    this.#current = worker;
    worker.act();
  }

  #events(starved = false): Event[] {
    const now = this.clock.now();
    const events: Event[] = [];
    for (const worker of this.workers) {
      if (worker.saysAt <= now) events.push(() => worker.say());
      if (!starved && worker.actsAt <= now) events.push(() => this.#act(worker));
    }
    if (this.locks.news > 0) events.push(() => this.locks.tell());
    return events;
  }

  #nextAt(starved: boolean): number {
    let next = Infinity;
    for (const worker of this.workers) {
      next = Math.min(next, worker.saysAt, starved ? Infinity : worker.actsAt);
    }
    return next;
  }
}
