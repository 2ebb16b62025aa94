import { type Place, Queue } from "./queue.ts";

/** The values of one group, in their order. */
interface Group<T> {
  readonly values: Queue<T>;
  /** Where the group stands among the others. */
  turn: Place<Group<T>>;
}

/**
 * First in, first out within each group, and the groups take turns: one after the other may take one value out. So a
 * group with many values makes itself wait, and not the others. Any value can leave from where it stands in O(1). A
 * group without values leaves nothing behind.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Turns } from "./turns.ts";
 *
 * const turns = new Turns<string>();
 * const a = turns.push("first of a", "a");
 * turns.push("second of a", "a");
 * turns.push("first of b", "b");
 *
 * assertEquals(turns.first, "first of a");
 * turns.take(a, "a");
 * assertEquals(turns.first, "first of b");
 * ```
 *
 * @typeParam T What waits.
 */
export class Turns<T> {
  readonly #groups = new Map<unknown, Group<T>>();
  readonly #turns = new Queue<Group<T>>();
  length = 0;

  /** How many groups have any that wait. */
  get groups(): number {
    return this.#groups.size;
  }

  /** The value whose turn is next; `undefined` if there is none. */
  get first(): T | undefined {
    return this.#turns.first?.values.first;
  }

  /** The last value of the group whose turn is last. */
  get last(): T | undefined {
    return this.#turns.last?.values.last;
  }

  lengthOf(group: unknown): number {
    return this.#groups.get(group)?.values.length ?? 0;
  }

  lastOf(group: unknown): T | undefined {
    return this.#groups.get(group)?.values.last;
  }

  /** Puts a value behind those of its group. */
  push(value: T, group: unknown): Place<T> {
    this.length++;
    return this.#group(group, "push").values.push(value);
  }

  /** Puts a value before all others: for a call that was taken out and comes back. */
  unshift(value: T, group: unknown): Place<T> {
    this.length++;
    const entry = this.#group(group, "unshift");
    this.#turns.remove(entry.turn);
    entry.turn = this.#turns.unshift(entry);
    return entry.values.unshift(value);
  }

  /** Takes a value from wherever it stands. Its group keeps its turn. */
  remove(place: Place<T>, group: unknown): void {
    const entry = this.#groups.get(group);
    if (!entry?.values.remove(place)) return;
    this.length--;
    if (entry.values.length > 0) return;
    this.#turns.remove(entry.turn);
    this.#groups.delete(group);
  }

  /** Takes the value whose turn it is. The next turn is another group's, if there is one. */
  take(place: Place<T>, group: unknown): void {
    const entry = this.#groups.get(group);
    this.remove(place, group);
    if (!entry || entry.values.length === 0) return;
    this.#turns.remove(entry.turn);
    entry.turn = this.#turns.push(entry);
  }

  #group(key: unknown, side: "push" | "unshift"): Group<T> {
    let group = this.#groups.get(key);
    if (!group) {
      const values = new Queue<T>();
      group = { values } as Group<T>;
      group.turn = this.#turns[side](group);
      this.#groups.set(key, group);
    }
    return group;
  }
}
