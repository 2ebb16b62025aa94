/** A value's place in a {@linkcode Queue}; what {@linkcode Queue.remove} needs to find it at once. */
export interface Place<T> {
  readonly value: T;
  /** @internal */
  previous: Place<T>;
  /** @internal */
  next: Place<T>;
}

/**
 * First in, first out, and any value can leave from where it stands in O(1): a doubly linked ring around
 * a sentinel.
 *
 * An array would pay O(n) for each call that is aborted while it waits, just when there are many. A `Set`
 * has O(1) removal too, but deleting from its front leaves holes that every new iterator walks over, so
 * that draining it costs O(n²) between rehashes.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Queue } from "./queue.ts";
 *
 * const queue = new Queue<string>();
 * const a = queue.push("a");
 * const b = queue.push("b");
 * queue.push("c");
 *
 * assertEquals(queue.remove(b), true);
 * assertEquals(queue.remove(b), false);
 * assertEquals(queue.first, "a");
 * queue.remove(a);
 * assertEquals(queue.first, "c");
 * ```
 *
 * @typeParam T What waits.
 */
export class Queue<T> {
  readonly #ring: Place<T>;
  length = 0;

  constructor() {
    const ring = { value: undefined } as Place<T>;
    ring.previous = ring.next = ring;
    this.#ring = ring;
  }

  get first(): T | undefined {
    return this.#ring.next.value;
  }

  get last(): T | undefined {
    return this.#ring.previous.value;
  }

  push(value: T): Place<T> {
    return this.#insert(value, this.#ring.previous);
  }

  /** Puts a value at the front: for a call that was taken out and comes back. */
  unshift(value: T): Place<T> {
    return this.#insert(value, this.#ring);
  }

  /** Takes a value from wherever it stands. @returns Whether it was still there. */
  remove(place: Place<T>): boolean {
    // A place that has left points at itself, and so does the ring of an empty queue.
    if (place.next === place) return false;
    place.previous.next = place.next;
    place.next.previous = place.previous;
    place.previous = place.next = place;
    this.length--;
    return true;
  }

  #insert(value: T, previous: Place<T>): Place<T> {
    const place = { value, previous, next: previous.next };
    previous.next.previous = place;
    previous.next = place;
    this.length++;
    return place;
  }
}
