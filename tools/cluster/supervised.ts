import { getLogger } from "../../lib/log.ts";

/** What a process is there for. */
export type Role = "balancer" | "instance";

/** A program that is kept running. */
export interface Program {
  readonly role: Role;
  /** Where it answers. */
  readonly url: string;
  /** Starts it. */
  readonly spawn: () => Deno.ChildProcess;
  /** Resolves with whether it is ready, or has ended before. */
  readonly ready: (child: Deno.ChildProcess) => Promise<boolean>;
}

/** The pause before a second start in a row; each further one is twice as long. */
const FIRST_PAUSE_MS = 100;
/** Longer, and it is missed for long once its cause has gone; shorter, and starting takes a core for nothing. */
const MOST_PAUSE_MS = 5_000;
/** Who has been ready for so long has not died of its start: its pauses begin anew. */
const STEADY_MS = 5_000;

const log = getLogger("cluster");

/**
 * How long to wait before a process is started again.
 *
 * @param inARow How many times it has died, one start after the other. The first time it is started at once.
 */
export function pauseMs(inARow: number): number {
  return inARow <= 1 ? 0 : Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (inARow - 2));
}

/** A process that is started again whenever it ends, until it is told to. */
export class Supervised {
  readonly role: Role;
  readonly url: string;
  readonly #program: Program;
  readonly #ended = Promise.withResolvers<void>();
  #child: Deno.ChildProcess | undefined;
  #isEnding = false;
  #endPause = () => {};

  constructor(program: Program) {
    this.#program = program;
    this.role = program.role;
    this.url = program.url;
  }

  /** Its present process; 0 while it has none. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /**
   * Starts it.
   *
   * @returns Resolves when it is ready.
   * @throws {Error} If its first process ends before that. It is not started again then: a setting is wrong, say, and
   * it has said so.
   */
  async start(): Promise<void> {
    const child = this.#child = this.#program.spawn();
    if (!await this.#program.ready(child)) {
      const { code } = await child.status;
      this.#child = undefined;
      this.#ended.resolve();
      throw new Error(`The ${this.role} ended with ${code} before it was ready`);
    }
    this.#tellReady(child);
    this.#keepRunning(child);
  }

  /**
   * Has it end, and not be started again.
   *
   * @returns Resolves when it has ended.
   */
  end(signal: Deno.Signal): Promise<void> {
    this.#isEnding = true;
    this.#endPause();
    if (!this.#child) this.#ended.resolve();
    else {
      try {
        this.#child.kill(signal);
      } catch (error) {
        // It has ended, and we have yet to hear of it.
        if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
      }
    }
    return this.#ended.promise;
  }

  async #keepRunning(child: Deno.ChildProcess): Promise<void> {
    let readyAt = performance.now();
    for (let inARow = 1; true; inARow++) {
      await this.#untilEnd(child);
      if (performance.now() - readyAt >= STEADY_MS) inARow = 1;
      readyAt = Infinity;
      if (!this.#isEnding) await this.#pause(pauseMs(inARow));
      if (this.#isEnding) break;
      try {
        child = this.#child = this.#program.spawn();
        if (!await this.#program.ready(child)) continue;
        readyAt = performance.now();
        this.#tellReady(child);
      } catch (error) {
        // The system has no process to give, say. It may have one after the next pause.
        log.error(`${this.role} not started`, { url: this.url, error });
      }
    }
    this.#ended.resolve();
  }

  async #untilEnd(child: Deno.ChildProcess): Promise<void> {
    const { code, signal } = await child.status;
    this.#child = undefined;
    if (this.#isEnding) return;
    log.warning(`${this.role} ended`, { pid: child.pid, url: this.url, code, signal });
  }

  #tellReady({ pid }: Deno.ChildProcess): void {
    log.info(`${this.role} ready`, { pid, url: this.url });
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#endPause = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
