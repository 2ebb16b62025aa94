import { deferred } from "../deferred.ts";
import { PoolClosedError, WorkerCrashedError } from "../errors.ts";
import type { PoolEvent, ResolvedOptions } from "../options.ts";
import { ENDING_WORKERS } from "../policy.ts";
import { Roster } from "../queueing/roster.ts";
import { Slot } from "./slot.ts";
import type { SlotEvents } from "./slot_events.ts";
import { Starter } from "./starter.ts";

/** The events of slots that concern calls. The supervisor handles the others itself. */
export interface SupervisorEvents extends Pick<SlotEvents, "left" | "reported"> {
  /** No slot will run calls any more, unless a wedged thread ends after all. */
  unusable(error: WorkerCrashedError): void;
}

/** Keeps the slots: it starts workers, replaces them and ends them. It knows nothing about their calls. */
export class Supervisor {
  readonly slots: readonly Slot[];
  readonly roster: Roster;
  readonly #options: ResolvedOptions;
  readonly #events: SupervisorEvents;
  readonly #ready = deferred<void>();
  /** Resolves when each slot takes calls or has given up; rejects if all have given up. */
  readonly ready = this.#ready.promise;
  /** Slots that have neither had a ready worker nor gone out of use. */
  readonly #unstarted: Set<number>;
  readonly #starter: Starter;
  #lastFailure: Error | undefined;
  /** Why the latest worker could not be loaded; `undefined` if it could. */
  #loadFailure: Error | undefined;
  #sealed = false;
  /** Terminated threads that run on. */
  wedged = 0;

  constructor(options: ResolvedOptions, events: SupervisorEvents) {
    this.#options = options;
    this.#events = events;
    this.#starter = new Starter(options.promptClock);
    this.ready.catch(() => {}); // If nobody awaits it, a rejection must not count as unhandled.
    this.#unstarted = new Set(Array(options.size).keys());
    this.slots = Array.from({ length: options.size }, (_, index) => this.#makeSlot(index));
    this.roster = new Roster(this.slots);
  }

  /** Why the latest worker could not be loaded; `null` if it could. */
  get loadFailure(): string | null {
    return this.#loadFailure?.message ?? null;
  }

  /** Whether only a restart of the process can help. */
  get isFailing(): boolean {
    return this.wedged > this.#options.maxWedged || this.roster.usable === 0;
  }

  /** The error for a call if no slot will ever run it; `undefined` if one will. */
  get unusable(): WorkerCrashedError | undefined {
    if (this.roster.usable > 0) return undefined;
    return new WorkerCrashedError("No worker can be started", { cause: this.#lastFailure });
  }

  /** The pool is closing: no worker is started beside a wedged thread any more. */
  seal(): void {
    this.#sealed = true;
    this.#ready.reject(new PoolClosedError("Pool was closed before it was ready"));
  }

  /** Retires all slots. A worker that was not started yet never is. */
  retire(): void {
    for (const slot of this.slots) slot.retire();
  }

  /** Ends the workers of the retired slots: a few at a time, and all at once as soon as one of them doesn't end. */
  async terminate(): Promise<void> {
    const ends: Promise<boolean>[] = [];
    const slots = this.slots.values();
    let isWedged = false;
    const endOthers = async () => {
      for (const slot of slots) {
        const end = slot.close();
        ends.push(end);
        if (!isWedged && !await end) isWedged = true;
      }
    };
    await Promise.all(Array.from({ length: ENDING_WORKERS }, endOthers));
    await Promise.all(ends);
  }

  #makeSlot(index: number): Slot {
    const { maxWedged } = this.#options;
    const slot: Slot = new Slot(index, this.#options, this.#starter, {
      ...this.#events,
      changed: () => this.roster.update(slot),
      ready: () => {
        this.#loadFailure = undefined;
        this.#starter.succeeded();
        this.#emit({ type: "ready", slot: index });
        this.#started(index);
      },
      crashed: (error, wasReady) => {
        if (!wasReady) this.#notLoaded(error);
        this.#emit({ type: "crashed", slot: index, error });
      },
      failed: (error) => {
        this.#emit({ type: "failed", slot: index, error });
        this.#outOfUse(index, error);
      },
      wedged: (error, wasReady) => {
        this.wedged++;
        if (!wasReady) this.#notLoaded(error);
        this.#emit({ type: "wedged", slot: index, error });
        if (!this.#sealed && this.wedged <= maxWedged) return true;
        this.#outOfUse(index, error);
        return false;
      },
      unwedged: () => {
        this.wedged--;
        this.#emit({ type: "unwedged", slot: index });
        this.#fillEmptySlots();
      },
    });
    return slot;
  }

  /** Each wedged thread beyond `maxWedged` keeps one slot empty. Now that there is one less, one slot may be filled. */
  #fillEmptySlots(): void {
    if (this.#sealed) return;
    const empty = this.slots.filter((slot) => slot.state === "wedged");
    const keep = Math.max(0, this.wedged - this.#options.maxWedged);
    for (const slot of empty.slice(keep)) slot.start();
  }

  /** A slot has had a ready worker, or is out of use. */
  #started(index: number): void {
    this.#unstarted.delete(index);
    if (this.#unstarted.size > 0) return;
    const { unusable } = this;
    if (unusable) this.#ready.reject(unusable);
    else this.#ready.resolve();
  }

  /** A worker has ended before it was ready, or hangs. */
  #notLoaded(error: Error): void {
    this.#loadFailure = error;
    this.#starter.failed();
  }

  /** A slot has given up, or stays empty beside a wedged thread. */
  #outOfUse(index: number, cause: Error): void {
    this.#lastFailure = cause;
    const { unusable } = this;
    if (unusable) this.#events.unusable(unusable);
    this.#started(index);
  }

  #emit(event: PoolEvent): void {
    for (const observer of this.#options.observers) {
      // In a microtask: a listener that throws must not leave a slot half changed.
      queueMicrotask(() => observer.onEvent?.(event));
    }
  }
}
