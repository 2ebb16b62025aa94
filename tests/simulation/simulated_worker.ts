import type { Life } from "../../lib/pool/workers/liveness.ts";
import type { Port } from "../../lib/pool/worker.ts";
import type { Load } from "./plan.ts";
import type { World } from "./world.ts";

/** How a call takes its time. */
export interface Manner {
  /** Whether its thread can do nothing else. */
  readonly occupies: boolean;
  /** Whether it looks at a checkpoint each millisecond. */
  readonly looks: boolean;
  /** Whether it ends as soon as its signal is aborted. */
  readonly heeds?: boolean;
}

/** A call whose method has not returned, or whose promise is pending. */
interface Running extends Manner {
  readonly id: number;
  /** When it started. */
  readonly since: number;
  readonly endAt: number;
  /** Its word of shared memory. */
  readonly cell: number;
  /** Its checkpoint after its cancellation, once that is seen. */
  stopAt?: number;
  readonly resolve: (id: number) => void;
  readonly reject: (error: Error) => void;
}

/** How long what a worker has said before its end may take to be read. */
export const LAST_ANSWERS_MS = 100;

/**
 * A worker without a thread: the real worker side of the pool over a channel whose messages wait until the
 * simulation lets them through. A method takes simulated time, and its thread may end at any moment.
 */
export class SimulatedWorker extends EventTarget implements Worker {
  readonly number: number;
  readonly spawnedAt: number;
  readonly #world: World;
  readonly load: Load;
  /** What the pool has posted and this has not read. The first entry stands for the module itself. */
  readonly #inbox: unknown[] = ["module"];
  /** What it has left at its word of shared memory, to be woken by. */
  readonly #waiters: (() => void)[] = [];
  /** What this has posted and the pool has not read. */
  readonly #outbox: { readonly at: number; readonly event: Event }[] = [];
  readonly #listeners = new Set<(event: MessageEvent) => void>();
  #cells: Int32Array | undefined;
  #lock: string | undefined;
  /** When its thread is through with what it has been doing at once. */
  #busyUntil = 0;
  #limitAt = Infinity;
  /** The calls that are under way. Only one occupies the thread. */
  readonly running = new Set<Running>();
  /** When its thread went. */
  endedAt: number | undefined;
  /** Whether it was dropped, soon after it had ended, before the pool had read all that it had said. */
  lostWords = false;
  terminated = false;
  /** Whether the pool has told it to end, which it does with a dead one too. */
  dropped = false;
  /** When the pool has last read what it said. */
  heardAt = 0;
  /** Whether it has had an uncaught error. */
  failed = false;
  /** Whether its module has been loaded, and set up if that has to be: it takes calls. */
  isServing = false;
  onerror = null;
  onmessage = null;
  onmessageerror = null;

  constructor(world: World, number: number, load: Load) {
    super();
    this.#world = world;
    this.load = load;
    this.number = number;
    this.spawnedAt = world.clock.now();
  }

  // What the pool does with it.

  postMessage(message: unknown, transfer?: Transferable[] | StructuredSerializeOptions): void {
    const clone = structuredClone(message, { transfer: transfer as Transferable[] });
    if (!this.ended) this.#inbox.push(clone);
  }

  terminate(): void {
    this.#world.beforeTerminate(this);
    // Whatever it has said and nobody has read is lost.
    const { endedAt = -Infinity } = this;
    const isSoon = this.#world.clock.now() - endedAt < LAST_ANSWERS_MS - 1;
    this.lostWords ||= isSoon && this.#outbox.some(({ event }) => event.type === "message");
    this.#outbox.length = 0;
    this.dropped = true;
    if (this.terminated || this.ended) return;
    this.terminated = true;
    this.#inbox.length = 0;
    // A busy thread runs on until its code returns.
    if (!this.isOccupied) this.end();
  }

  /** As `Atomics.notify`, for one waiter: its thread finds out when it is free. @returns Whether there was one. */
  takeWaiter(): boolean {
    const wake = this.#waiters.shift();
    if (wake && !this.terminated) this.#inbox.push(wake);
    return wake !== undefined;
  }

  // What the world does with it.

  /** Whether its thread can't read messages. */
  get isOccupied(): boolean {
    return this.#busyUntil > this.#world.clock.now() ||
      [...this.running].some(({ occupies }) => occupies);
  }

  /** Whether its thread is gone. */
  get ended(): boolean {
    return this.endedAt !== undefined;
  }

  /** Whether it is on a call that would stop and has not been told to. */
  get isUntold(): boolean {
    const now = this.#world.clock.now();
    const hasRead = this.#inbox.length === 0;
    return [...this.running].some((call) =>
      call.since <= now && (call.looks && !this.#isCancelled(call) || call.heeds && hasRead)
    );
  }

  /** Whether it has nothing to do and nothing to say. */
  get isIdle(): boolean {
    const messages = this.#inbox.filter((message) => typeof message !== "function");
    return !this.isOccupied && this.running.size === 0 && messages.length === 0;
  }

  /** The time by its own thread's clock, which may be ahead of the pool's. */
  get localNow(): number {
    return Math.max(this.#world.clock.now(), this.#busyUntil);
  }

  /** When it does something by itself; `Infinity` if it doesn't. */
  get actsAt(): number {
    if (this.ended) return Infinity;
    let at = Infinity;
    for (const call of this.running) at = Math.min(at, this.#endOf(call));
    const occupied = [...this.running].some(({ occupies }) => occupies);
    if (this.#inbox.length > 0 && !occupied || this.terminated && this.#busyUntil > 0) {
      at = Math.min(at, this.localNow);
    }
    return Math.max(at, this.#world.clock.now());
  }

  /** Does the one thing whose time has come. */
  act(): void {
    for (const call of this.running) {
      if (this.#endOf(call) <= this.#world.clock.now()) return this.#finish(call);
    }
    if (this.terminated) return this.end();
    const message = this.#inbox.shift();
    if (message === "module") this.#loadModule();
    else if (typeof message === "function") message();
    else {
      const event = new MessageEvent("message", { data: message });
      for (const listener of this.#listeners) listener(event);
    }
  }

  /** When the pool can read what this has posted; `Infinity` if it has posted nothing. */
  get saysAt(): number {
    return this.#outbox[0]?.at ?? Infinity;
  }

  /** Lets the pool read what this has posted first. */
  say(): void {
    const { event } = this.#outbox.shift()!;
    this.heardAt = this.#world.clock.now();
    this.dispatchEvent(event);
    if (event.cancelable && !event.defaultPrevented) {
      this.#world.fail("an uncaught error in a worker would end the process");
    }
  }

  /** Its thread is gone. What it has posted is on its way. */
  end(): void {
    if (this.ended) return;
    this.#world.note(`worker ${this.number} ends`);
    this.#interrupt();
    this.endedAt = this.#world.clock.now();
    this.running.clear();
    this.#inbox.length = 0;
    this.#waiters.length = 0;
    if (this.#lock !== undefined) this.#world.locks.release(this.#lock);
  }

  /** Something throws that nobody catches, which ends its thread too. */
  crash(): void {
    if (this.ended) return;
    this.#interrupt();
    this.failed = true;
    this.#post(new ErrorEvent("error", { message: "uncaught", cancelable: true }));
    this.end();
  }

  // What its methods do.

  /** Runs a function, and cuts what spins in it when its time is up. */
  watchdog = <T>(run: () => T, limitMs: number): T => {
    this.#limitAt = this.localNow + limitMs;
    try {
      return run();
    } finally {
      this.#limitAt = Infinity;
    }
  };

  /** As `Atomics.waitAsync`. */
  leaveWaiter(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Keeps its thread for so long, at once. @throws {StoppedError} If the watchdog's limit is sooner. */
  spin(ms: number): void {
    const endAt = this.localNow + ms;
    this.#busyUntil = Math.min(endAt, this.#limitAt);
    if (endAt > this.#limitAt) throw new this.#world.pool.StoppedError("Call was interrupted");
  }

  /** A call that takes so long. @returns What it returns. */
  take(id: number, ms: number, manner: Manner): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.running.add({
      id,
      since: this.localNow,
      endAt: this.localNow + ms,
      ...manner,
      cell: this.#cells!.indexOf(this.#world.pool.Cell.RUNNING),
      resolve,
      reject,
    });
    return promise;
  }

  /** A call has come to its end by itself. */
  leave(id: number): void {
    for (const call of this.running) if (call.id === id) this.running.delete(call);
  }

  #loadModule(): void {
    if (this.load === "throws") return this.crash();
    if (this.load === "closes") return this.end();
    if (this.load === "hangs") return;
    const port: Port = {
      postMessage: (data, transfer) => {
        const { cells } = data as { cells?: Int32Array };
        if (cells) this.#cells = cells;
        const clone = structuredClone(data, { transfer }) as { life?: Life };
        if (clone.life?.held === "waiters") this.#world.calls.set(clone.life.words, this);
        this.#post(new MessageEvent("message", { data: clone }));
      },
      addEventListener: (_, listener) => this.#listeners.add(listener),
      removeEventListener: (_, listener) => this.#listeners.delete(listener),
    };
    this.#world.locks.latest = undefined;
    this.#world.serve(this, port);
    this.#lock = this.#world.locks.latest;
    if (!this.#world.setsUp) this.isServing = true;
  }

  #post(event: Event): void {
    if (!this.ended && !this.terminated) this.#outbox.push({ at: this.localNow, event });
  }

  /** Whatever it was doing, it has come only this far, and has said nothing of what lies ahead. */
  #interrupt(): void {
    const now = this.#world.clock.now();
    this.#busyUntil = Math.min(this.#busyUntil, now);
    while (this.#outbox.length > 0 && this.#outbox.at(-1)!.at > now) this.#outbox.pop();
  }

  /** A thread that looks at its checkpoint each millisecond ends at the next one after its cancellation. */
  #endOf(call: Running): number {
    const { since, endAt, looks } = call;
    if (!looks || !this.#isCancelled(call)) return endAt;
    call.stopAt ??= since + Math.max(0, Math.floor(this.#world.clock.now() - since)) + 1;
    return Math.min(endAt, call.stopAt);
  }

  #isCancelled({ cell }: Running): boolean {
    return this.#cells![cell] === this.#world.pool.Cell.CANCELLED;
  }

  #finish(call: Running): void {
    this.running.delete(call);
    if (call.endAt <= this.#world.clock.now()) {
      this.#world.finished(call.id, this);
      call.resolve(call.id);
    } else call.reject(new this.#world.pool.StoppedError("Call was cancelled"));
    if (this.terminated) this.end();
  }
}
