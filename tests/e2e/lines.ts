/** The lines of a stream, which is read to its end whether anyone looks or not. */
export class Lines {
  /** Those that have come so far. */
  readonly all: string[] = [];
  /** Resolves at the end of the stream. */
  readonly ended: Promise<void>;
  #open = true;
  #changed = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.ended = this.#read(stream);
  }

  /**
   * Waits for a line, unless it has come already.
   *
   * @returns The first that `matches`, or `undefined` if the stream ends without one.
   */
  async find(matches: (line: string) => boolean): Promise<string | undefined> {
    for (let seen = 0; true; await this.#changed.promise) {
      for (; seen < this.all.length; seen++) {
        if (matches(this.all[seen])) return this.all[seen];
      }
      if (!this.#open) return undefined;
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      this.#add(lines);
    }
    this.#open = false;
    this.#add(rest === "" ? [] : [rest]);
  }

  #add(lines: string[]): void {
    this.all.push(...lines);
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
