/** How many a worker takes (six), and as many for the files that it loads. */
const DESCRIPTORS = 12;

/**
 * Keeps file descriptors free for a worker. Connections take as many as they can get, and without a descriptor the start
 * of a worker ends the whole process: the runtime panics.
 */
export class DescriptorReserve {
  readonly #open: () => { close(): void };
  readonly #held: { close(): void }[] = [];

  /** @param open Opens something, or throws if there are no descriptors left. */
  constructor(open: () => { close(): void }) {
    this.#open = open;
    this.#fill();
  }

  /**
   * Runs something that needs descriptors. While it runs, those of the reserve are free for it.
   *
   * @throws {Error} If the reserve can't be filled. Nothing is run then.
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
      // There are none at present. The next call tries again.
    }
  }
}
