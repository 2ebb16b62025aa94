/**
 * What a cache remembers. The only file of the pool's package that needs lru-cache.
 *
 * @module
 */

import type { LRUCache } from "lru-cache";
import type { Found } from "./backend.ts";
import { type Entry, entryOf, type Weigh } from "./cache_entry.ts";

/** The answers held, by key. Those that were not asked for the longest give way to new ones. */
export class Answers {
  readonly #maxBytes: number;
  readonly #weigh: Weigh | undefined;
  /** Until the library is there, for some milliseconds, a plain map will do. */
  #held: Map<string, Entry> | LRUCache<string, Entry> = new Map();
  #loading: Promise<void> | undefined;
  #hits = 0;

  constructor(maxBytes: number, weigh: Weigh | undefined) {
    this.#maxBytes = maxBytes;
    this.#weigh = weigh;
  }

  has(key: string): boolean {
    return this.#held.has(key);
  }

  /** Finds an answer, and counts it as a hit. */
  find(key: string): Found<unknown> | undefined {
    const found = this.#held.get(key);
    if (found) this.#hits++;
    return found;
  }

  /** @throws {TypeError} If the answer can't be shared. */
  keep(key: string, value: unknown): void {
    this.#held.set(key, entryOf(value, this.#weigh));
    // Without the library there is no bound: each answer is computed then.
    if (this.#held instanceof Map) this.load().catch(() => this.#held.clear());
  }

  /** Loads the library. @throws (rejects) With the reason, if it can't be loaded. */
  load(): Promise<void> {
    // Imported here and not above: the start of a service need not wait for it.
    return this.#loading ??= import("lru-cache").then(({ LRUCache }) => {
      const early = this.#held;
      this.#held = new LRUCache({ maxSize: this.#maxBytes, sizeCalculation: ({ size }) => size });
      for (const [key, entry] of early) this.#held.set(key, entry);
    });
  }

  stats() {
    const bytes = this.#held instanceof Map ? 0 : this.#held.calculatedSize;
    return { entries: this.#held.size, bytes, maxBytes: this.#maxBytes, hits: this.#hits };
  }
}
