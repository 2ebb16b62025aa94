/**
 * Hands the reports of one call to its listener, one after the other and in order. A listener that returns a promise is
 * waited for: until then no other report is handed to it, and its worker learns that this one is unread.
 */
export class Hearing {
  readonly #listener: (value: unknown) => unknown;
  readonly #failed: (error: unknown) => void;
  #last: Promise<void> | undefined;
  #isOver = false;

  /** @param failed Told what the listener threw. */
  constructor(listener: (value: unknown) => unknown, failed: (error: unknown) => void) {
    this.#listener = listener;
    this.#failed = failed;
  }

  /** Resolves when all reports that have come are heard; `undefined` if they are. */
  get heard(): Promise<void> | undefined {
    return this.#last;
  }

  /** Hands over a report, in its turn. @param read Called when it has been heard. */
  hear(value: unknown, read: () => void): void {
    const heard = this.#last ? this.#last.then(() => this.#tell(value)) : this.#tell(value);
    if (!heard) return read();
    const mine: Promise<void> = heard.then(() => {
      if (this.#last === mine) this.#last = undefined;
      read();
    });
    this.#last = mine;
  }

  /** The call has settled: nothing is heard of it any more. */
  end(): void {
    this.#isOver = true;
  }

  /** @returns Resolves, and never rejects, when it has been heard; `undefined` if it has. */
  #tell(value: unknown): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    try {
      const heard = this.#listener(value);
      if (!isPromiseLike(heard)) return undefined;
      return Promise.resolve(heard).then(() => {}, this.#failed);
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }
}

function isPromiseLike(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value;
}
