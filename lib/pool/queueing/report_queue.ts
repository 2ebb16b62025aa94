/**
 * Passes the reports of one call to its listener, one after the other and in order. If the listener returns a
 * promise, the next report waits for it, and the worker sees this one as unread until then.
 */
export class ReportQueue {
  readonly #listener: (value: unknown) => unknown;
  readonly #failed: (error: unknown) => void;
  #last: Promise<void> | undefined;
  #isOver = false;

  /** @param failed Called with what the listener threw. */
  constructor(listener: (value: unknown) => unknown, failed: (error: unknown) => void) {
    this.#listener = listener;
    this.#failed = failed;
  }

  /** Resolves when the listener is done with all reports so far; `undefined` if it is. */
  get drained(): Promise<void> | undefined {
    return this.#last;
  }

  /** Adds a report. @param read Called when the listener is done with it. */
  push(value: unknown, read: () => void): void {
    const passed = this.#last ? this.#last.then(() => this.#pass(value)) : this.#pass(value);
    if (!passed) return read();
    const mine: Promise<void> = passed.then(() => {
      if (this.#last === mine) this.#last = undefined;
      read();
    });
    this.#last = mine;
  }

  /** The call has settled: later reports are dropped. */
  end(): void {
    this.#isOver = true;
  }

  /** @returns Resolves, and never rejects, when the listener is done with the value; `undefined` if it is. */
  #pass(value: unknown): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    try {
      const result = this.#listener(value);
      if (!isPromiseLike(result)) return undefined;
      return Promise.resolve(result).then(() => {}, this.#failed);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
