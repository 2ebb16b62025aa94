import { Least } from "./least.ts";
import type { Slot } from "../workers/slot.ts";
import type { SlotState } from "../stats.ts";

/** Before any that is busy, whatever that has to do. */
const IDLE = -1;

const SERVING: ReadonlySet<SlotState> = new Set(["idle", "busy", "cancelling"]);
const UNUSABLE: ReadonlySet<SlotState> = new Set(["wedged", "failed", "closed"]);

/** Whether a slot has a worker that takes calls, or will when it is through with those it has. */
export const isServing = ({ state }: Slot): boolean => SERVING.has(state);

/** Whether a slot runs calls, now or as soon as its worker is there. */
export const isUsable = ({ state }: Slot): boolean => !UNUSABLE.has(state);

/**
 * What calls need to know of all slots, kept as slots change: a call that looked at each would cost more with each
 * worker. (Where 255 were on long calls and another long one waited, a short call took 134 to 206 µs so; it takes 13 to
 * 16.)
 */
export class Roster {
  readonly #slots: readonly Slot[];
  readonly #states: SlotState[];
  readonly #next: Least;
  /** See {@linkcode endsAt}; `NaN`: it has changed since it was asked for. */
  readonly #endsAt: Float64Array;
  #idle = 0;
  #serving = 0;
  #usable: number;

  /** @param slots All of them, none of which has been started. */
  constructor(slots: readonly Slot[]) {
    this.#slots = slots;
    this.#states = slots.map(({ state }) => state);
    this.#next = new Least(slots.length);
    this.#endsAt = new Float64Array(slots.length).fill(NaN);
    this.#usable = slots.length;
  }

  /** How many slots wait for a call. */
  get idle(): number {
    return this.#idle;
  }

  /** How many have a worker that takes calls: see {@linkcode isServing}. */
  get serving(): number {
    return this.#serving;
  }

  /** How many run calls, now or later: see {@linkcode isUsable}. */
  get usable(): number {
    return this.#usable;
  }

  /** A slot has changed: its state, its load, or whether it has room. */
  update(slot: Slot): void {
    const { index, state } = slot;
    const before = this.#states[index]!;
    if (before !== state) {
      this.#states[index] = state;
      this.#idle += Number(state === "idle") - Number(before === "idle");
      this.#serving += Number(SERVING.has(state)) - Number(SERVING.has(before));
      this.#usable += Number(UNUSABLE.has(before)) - Number(UNUSABLE.has(state));
    }
    this.#next.set(index, state === "idle" ? IDLE : slot.hasRoom ? slot.loadMs : Infinity);
    this.#endsAt[index] = NaN;
  }

  /** The next idle slot from a place on, or else the next of those with room that have least to do. */
  next(from: number): Slot | undefined {
    const index = this.#next.next(from);
    return index === undefined ? undefined : this.#slots[index];
  }

  /** When a busy slot's worker will have done what it has, by estimate; `Infinity` if it is not busy. */
  endsAt(index: number): number {
    const endsAt = this.#endsAt[index]!;
    if (!Number.isNaN(endsAt)) return endsAt;
    return this.#endsAt[index] = this.#states[index] === "busy"
      ? this.#slots[index]!.endsAt
      : Infinity;
  }
}
