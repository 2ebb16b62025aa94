/** Something that holds a file descriptor. */
interface Held {
  close(): void;
}

/** What a worker takes (six), and as many for the files that it loads. */
const DESCRIPTORS = 12;

/**
 * File descriptors that are kept free for a worker. Connections take as many as they can get, and to start a worker
 * when there is none left ends the whole process: the runtime panics.
 */
export class DescriptorReserve {
  readonly #open: () => Held;
  readonly #held: Held[] = [];

  /** @param open Opens something, or throws if there are no descriptors left. */
  constructor(open: () => Held) {
    this.#open = open;
    this.#fill();
  }

  /**
   * Runs something that needs descriptors. While it runs, and not longer, those that are kept are free for it.
   *
   * @throws {Error} If they are in use: it is not run then.
   */
  lend<T>(run: () => T): T {
    this.#fill();
    if (this.#held.length < DESCRIPTORS) {
      throw new Error("There are not enough file descriptors for another worker");
    }
    for (const held of this.#held.splice(0)) held.close();
    try {
      return run();
    } finally {
      this.#fill();
    }
  }

  #fill(): void {
    try {
      while (this.#held.length < DESCRIPTORS) this.#held.push(this.#open());
    } catch {
      // There are none at present. It is tried again when they are needed.
    }
  }
}
