import type { WorkerPool } from "../../lib/pool/mod.ts";
import type { Api } from "./methods.ts";
import { MISUSES } from "./misuse.ts";
import { type CallPlan, type Plan, type Reaction, seesSilentDeaths, type Step } from "./plan.ts";
import { install } from "./platform.ts";
import type { PoolUnderTest } from "./pool_under_test.ts";
import { type Made, Promises, START_TIMEOUT_MS } from "./promises.ts";
import { World } from "./world.ts";

/** What has been simulated when nothing has settled for so long hangs. */
const LONGEST_MS = 300_000;

/** After this even the longest outage is over, and every slot has a worker again. */
const REST_MS = 30_000;

/** Plain calls that a pool must answer after all that was done to it. */
const PROBE: CallPlan = {
  work: { kind: "echo" },
  pure: false,
  args: "plain",
  abortedBefore: false,
};

/**
 * Does to a pool what a plan says, then lets everything come to rest, and looks whether the pool still answers
 * and closes.
 *
 * @param note Told of all that happens.
 * @throws {Error} That says which promise was broken.
 */
export async function run(
  { settings, steps }: Plan,
  pool: PoolUnderTest,
  note?: (text: string) => void,
): Promise<void> {
  const simulation = new Simulation(settings, pool, note);
  {
    using _ = install(settings, simulation.world);
    await simulation.start();
    for (const { step, joined } of steps) await simulation.do(step, joined);
    await simulation.end();
    // An error that nobody has caught is told in the next turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (simulation.world.fault) throw simulation.world.fault;
}

class Simulation {
  readonly world: World;
  readonly #promises: Promises;
  readonly #settings: Plan["settings"];
  readonly #module: PoolUnderTest;
  #pool!: WorkerPool<Api>;
  /** What the next end of a run, or the next report, sets off. */
  #listeners: (() => void)[] = [];
  /** Ends the reading of each report that is being read. */
  readonly #reading: (() => void)[] = [];
  #order = 0;
  /** Slots whose workers have been ready once. */
  readonly #ready = new Set<number>();
  /** Whether `ready` is settled. */
  #isReady = false;
  #report: { wedged: number } | undefined;

  constructor(settings: Plan["settings"], module: PoolUnderTest, note?: (text: string) => void) {
    this.#settings = settings;
    this.#module = module;
    this.#promises = new Promises(settings, () => this.world);
    this.world = new World(module, settings, this.#promises);
    if (note) this.world.note = (text) => note(`${this.world.clock.now().toFixed(1)} ${text}`);
  }

  async start(): Promise<void> {
    const { size, maxQueue, cancelGraceMs, maxWedged, setup } = this.#settings;
    this.#pool = new this.#module.WorkerPool<Api>({
      spawn: () => this.world.spawn(),
      setup: setup ? { method: "prepare", args: [] } : undefined,
      size,
      maxQueue,
      cancelGraceMs,
      maxWedged,
      startTimeoutMs: START_TIMEOUT_MS,
      clock: this.world.clock,
      onRun: ({ id, end }) => {
        this.world.note(`run of call ${id - 1} is over: ${end}`);
        this.#promises.made[id - 1].over++;
        this.#listeners.shift()?.();
      },
      onEvent: ({ type, slot }) => {
        this.world.note(`slot ${slot}: ${type}`);
        if (type === "ready") this.#ready.add(slot);
        if (type === "failed" && this.#ready.has(slot)) {
          this.world.fail(`slot ${slot} gave up, and had been ready once`);
        }
      },
    });
    const settled = () => this.#isReady = true;
    this.#pool.ready.then(settled, settled);
    await this.#look();
  }

  /** @param joined Whether the next step happens in the same turn, if both are a caller's. */
  async do(step: Step, joined: boolean): Promise<void> {
    if (this.world.fault) return;
    this.world.note(JSON.stringify(step));
    const isCallers = ["call", "abort", "misuse", "listen", "cancel", "close"].includes(step.do);
    // Messages and timers come in a turn of their own.
    if (!isCallers) await this.#look();
    switch (step.do) {
      case "call":
        this.#call(step);
        break;
      case "abort":
        this.#abort(step.which);
        break;
      case "misuse":
        await this.#misuse(step.which);
        break;
      case "listen":
        this.#listeners.push(() => this.#react(step.to, step.which));
        break;
      case "cancel":
        this.#cancel();
        break;
      case "close":
        this.#close(step.graceMs);
        break;
      case "deliver":
        await this.world.deliver(step.which);
        break;
      case "pass":
        await this.world.pass(step.ms, step.order, step.starved);
        if (!step.starved) this.#promises.checkDeadlines();
        this.#promises.checkDeaths(this.#pool);
        break;
      case "block":
        await this.world.block(step.ms, step.order);
        break;
      case "end": {
        const live = this.world.workers.filter(({ ended }) => !ended);
        // Rather one that has said something which the pool has not read.
        const speaking = live.filter(({ saysAt }) => saysAt < Infinity);
        const worker = speaking[0] ?? live[step.which % live.length];
        if (worker) this.world.end(worker, step.how);
        break;
      }
    }
    if (!joined || !isCallers) await this.#look();
  }

  async end(): Promise<void> {
    this.#listeners = [];
    await this.#look();
    await this.#passUntil("all calls are settled", () => this.#isSettled());
    // Whatever ended last has been noticed, and has a successor.
    await this.world.pass(REST_MS, this.#order);
    await this.#look();
    const { queue, slots } = this.#pool.stats();
    const sent = slots.reduce((sum, { inFlight }) => sum + inFlight, 0);
    if (queue.length + queue.predictedWaitMs + sent > 0 && !this.world.fault) {
      this.world.fail(`nothing is left to do: ${JSON.stringify({ queue, slots })}`);
    }
    if (!this.#isReady) this.world.fail("it never comes to it that the pool is ready, or is not");
    if (this.#promises.closedAt === undefined) await this.#probe();
    this.#promises.checkRuns();
    await this.#endPool();
  }

  /** A pool that is open answers, unless all of its slots are out of use. */
  async #probe(): Promise<void> {
    const first = this.#promises.made.length;
    const { slots } = this.#pool.stats();
    const usable = slots.filter(({ state }) => !["failed", "wedged"].includes(state)).length;
    for (let i = 0; i < Math.max(1, usable); i++) this.#call(PROBE);
    await this.#passUntil("the last calls are settled", () => this.#isSettled());
    if (this.world.fault || usable === 0) return;
    const left = this.#promises.made.slice(first).find(({ id, value }) => id !== value);
    if (left) this.world.fail(`call ${left.id} was not answered at last`);
  }

  async #endPool(): Promise<void> {
    this.#close(0);
    await this.#passUntil("the pool is closed", () => this.#report !== undefined);
    if (this.world.fault) return;
    const { workers, locks } = this.world;
    const left = workers.filter(({ ended }) => !ended);
    if (left.some(({ terminated }) => !terminated)) this.world.fail("a worker was not terminated");
    if (seesSilentDeaths(this.#settings) && left.length > this.#report!.wedged) {
      this.world.fail(`${left.length} threads run on, not ${this.#report!.wedged}`);
    }
    if (locks.waiting > left.length) {
      this.world.fail(`${locks.waiting} locks are waited for, and ${left.length} threads run on`);
    }
    const listening = this.#promises.made.find(({ listeners }) => listeners.size > 0);
    if (listening) this.world.fail(`call ${listening.id} has a listener left at its signal`);
  }

  #isSettled(): boolean {
    return this.#promises.made.every(({ settledAt }) => settledAt !== undefined);
  }

  async #passUntil(what: string, condition: () => boolean): Promise<void> {
    for (let ms = 1; !condition() && !this.world.fault; ms *= 2) {
      for (const done of this.#reading.splice(0)) done();
      if (ms > LONGEST_MS) return this.world.fail(`it never comes to it that ${what}`);
      await this.world.pass(ms, this.#order);
      this.#promises.checkDeadlines();
      this.#promises.checkDeaths(this.#pool);
      await this.#look();
    }
  }

  #call(plan: CallPlan): void {
    const { made } = this.#promises;
    const controller = new AbortController();
    const call: Made = {
      id: made.length,
      plan,
      at: this.world.clock.now(),
      controller,
      reason: new Error(`call ${made.length} is aborted`),
      runs: [],
      over: 0,
      told: [],
      reading: 0,
      listeners: new Set(),
    };
    made.push(call);
    if (plan.abortedBefore) this.#abortCall(call);
    const { work, args, estimateMs, deadlineMs, maxWaitMs, maxRunMs, pure, reports, group } = plan;
    const list: unknown[] = [call.id, "ms" in work ? work.ms : 0];
    const transfer: Transferable[] = [];
    if (args === "unclonable") list.push(() => {});
    if (args === "moved") {
      const bytes = new Uint8Array(8);
      list.push(bytes);
      transfer.push(bytes.buffer);
    }
    const waiting = this.#pool.stats().queue.length;
    this.#pool.call(work.kind as "echo", list as never, {
      signal: counted(call),
      transfer,
      pure,
      group,
      ...(estimateMs !== undefined && { estimateMs }),
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(maxWaitMs !== undefined && { maxWaitMs }),
      ...(maxRunMs !== undefined && { maxRunMs }),
      ...(reports && { reports, onReport: (value) => this.#told(call, value) }),
    }).then(
      (value) => {
        this.world.note(`call ${call.id} has its value`);
        call.value = value;
        this.#promises.resolved(call, value);
      },
      (error) => {
        this.world.note(`call ${call.id} is rejected: ${error}`);
        this.#promises.rejected(call, error);
      },
    );
    this.#promises.called(this.#pool, waiting);
  }

  #told(call: Made, value: unknown): Promise<void> | undefined {
    this.#promises.told(call, value);
    this.#listeners.shift()?.();
    if (!call.plan.readsSlowly) return undefined;
    call.reading++;
    return new Promise((resolve) => {
      this.#reading.push(() => {
        call.reading--;
        resolve();
      });
    });
  }

  /** That nothing is kept of it shows in the numbers, as after each step. */
  async #misuse(which: number): Promise<void> {
    let end = "was not settled at once";
    MISUSES[which % MISUSES.length](this.#pool).then(
      () => end = "has a value",
      (error) => end = error instanceof TypeError || error instanceof RangeError ? "" : `${error}`,
    );
    await this.world.settle();
    if (end !== "") this.world.fail(`a call that nobody may make: ${end}`);
  }

  #react(to: Reaction, which: number): void {
    if (to === "abort") this.#abort(which);
    else if (to === "call") this.#call({ ...PROBE, pure: which % 2 === 0 });
    else if (to === "cancel") this.#cancel();
    else this.#close(which);
  }

  #cancel(): void {
    this.#promises.cancelled();
    this.#pool.cancelWaiting();
  }

  #abort(which: number): void {
    const open = this.#promises.made.filter(({ settledAt }) => settledAt === undefined);
    if (open.length > 0) this.#abortCall(open[which % open.length]);
  }

  #abortCall(call: Made): void {
    call.abortedAt ??= this.world.clock.now();
    call.controller.abort(call.reason);
  }

  #close(graceMs: number): void {
    const isFirst = this.#promises.closedAt === undefined;
    this.#promises.closedAt ??= this.world.clock.now();
    this.#pool.close({ graceMs }).then((report) => {
      this.#report = report;
      const { pending } = this.world.clock;
      // A thread that runs on is looked at until it ends.
      const watched = this.#settings.locks ? 0 : report.wedged;
      if (isFirst && pending > watched) this.world.fail(`${pending} timers are left`);
    });
  }

  async #look(): Promise<void> {
    this.#reading.shift()?.();
    await this.world.settle();
    if (!this.world.fault) this.#promises.check(this.#pool);
  }
}

/** Counts who listens to a call's signal. */
function counted(call: Made): AbortSignal {
  const { signal } = call.controller;
  const { addEventListener: add, removeEventListener: remove } = signal;
  signal.addEventListener = (...args: Parameters<typeof add>) => {
    call.listeners.add(args[1]);
    add.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>) => {
    call.listeners.delete(args[1]);
    remove.apply(signal, args);
  };
  return signal;
}
