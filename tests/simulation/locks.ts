interface Waiter {
  readonly callback: () => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Web Locks, as far as the pool uses them: a worker takes one of its own and never gives it back, and others
 * wait for it. Who waits learns of a release when the simulation says so.
 */
export class SimulatedLocks {
  readonly #held = new Map<string, Waiter[]>();
  readonly #released: Waiter[] = [];
  /** The name of the latest lock that was taken. */
  latest: string | undefined;

  /** As `navigator.locks.request()`. */
  request(
    name: string,
    { signal }: { signal?: AbortSignal },
    callback: () => void | Promise<void>,
  ): Promise<void> {
    const waiters = this.#held.get(name);
    if (!waiters) {
      this.#held.set(name, []);
      this.latest = name;
      return Promise.resolve().then(callback);
    }
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      waiters.push({ callback: () => resolve(callback()), signal });
    });
  }

  /** The thread that held a lock is gone. */
  release(name: string): void {
    this.#released.push(...this.#held.get(name) ?? []);
    this.#held.delete(name);
  }

  /** How many waiters have not learned of a release. */
  get news(): number {
    this.#dropAborted();
    return this.#released.length;
  }

  /** Tells the waiter of the release that has been longest untold. */
  tell(): void {
    this.#dropAborted();
    this.#released.shift()?.callback();
  }

  /** How many wait for a lock. */
  get waiting(): number {
    return [...this.#held.values()].flat().filter(({ signal }) => !signal?.aborted).length;
  }

  #dropAborted(): void {
    const left = this.#released.filter(({ signal }) => !signal?.aborted);
    this.#released.splice(0, Infinity, ...left);
  }
}
