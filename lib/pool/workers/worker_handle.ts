import * as Comlink from "comlink";
import type { Clock } from "../clock.ts";
import { deferred } from "../deferred.ts";
import type { ResolvedOptions } from "../options.ts";
import { ERROR_ENDS_WITHIN_MS, WEDGED_AFTER_MS } from "../policy.ts";
import { leanEndpoint, type PoolWorker } from "../sending/endpoint.ts";
import { decodeError, encodeError } from "../error_codec.ts";
import { terminationIsFinal, type Watch, watch } from "./liveness.ts";
import {
  type Answer,
  type Call,
  type Packed,
  type Ready,
  type Report,
  type Runner,
  type Unsendable,
  VERSION,
} from "../sending/protocol.ts";

/** What a {@linkcode WorkerHandle} calls when something has happened. */
export interface WorkerEvents {
  /** It takes calls from now on. Called at most once, and never after `doomed`. */
  ready(): void;
  /** It has answered calls. */
  answered(answers: Packed<Answer>): void;
  /** The call that it runs reports a value. */
  reported(report: Report): void;
  /** It has failed, or was given up: it will end, or turn out to be wedged. Called at most once. */
  doomed(): void;
  /** It was terminated, and its thread runs on. Called at most once. Of the others only `unwedged` may follow. */
  wedged(cause: Error): void;
  /** It was wedged, and its thread has ended after all. Called at most once. */
  unwedged(): void;
  /**
   * Its thread is gone. Called exactly once, unless it is wedged.
   *
   * @param cause Its first uncaught error, or what else is known of its end.
   */
  died(cause: Error): void;
}

/**
 * One worker from birth to death. A slot goes through many.
 *
 * It counts as dead when its {@linkcode Watch} says so. While it is loading there is no watch yet: only then does an
 * error or a timeout count as its death.
 */
export class WorkerHandle {
  readonly #worker: PoolWorker;
  readonly #events: WorkerEvents;
  readonly #clock: Clock;
  #cancelTimer: () => void;
  readonly #setup: ResolvedOptions["setup"];
  /** Undefined while it is loading, and where the platform has no way to watch a worker. */
  #watch: Watch | undefined;
  /** Kept as long as the worker lives: when it is collected, Comlink releases the endpoint, calls or not. */
  #remote: Comlink.Remote<Runner> | undefined;
  /** Taken once: Comlink makes and registers a new proxy each time a property is read. */
  #run: Comlink.Remote<Runner>["run"] | undefined;
  #stop: Comlink.Remote<Runner>["stop"] | undefined;
  readonly #ended = deferred<boolean>();
  /** Resolves when its thread is gone; to false when it was terminated and runs on. */
  readonly ended = this.#ended.promise;
  #cause: Error | undefined;
  #dead = false;
  /**
   * Whether it is ignored from now on. A thread that runs on may answer or report after its successor has started. Cells
   * have the same numbers in every worker, so that would hit the successor's calls.
   */
  #isIgnored = false;

  /** Whether it has a watchdog, which cuts code that never calls `checkpoint()`. */
  hasWatchdog = false;
  wasReady = false;
  /** See {@linkcode Ready}. */
  cells!: Int32Array;
  /** See {@linkcode Ready}. */
  unread!: Int32Array;

  /** @throws Whatever `spawn` throws. */
  constructor({ spawn, setup, startTimeoutMs, clock }: ResolvedOptions, events: WorkerEvents) {
    this.#events = events;
    this.#clock = clock;
    this.#setup = setup;
    this.#worker = spawn();
    // Before the first message: an uncaught error without a listener ends the whole process.
    this.#worker.addEventListener("error", (event: ErrorEvent) => {
      event.preventDefault();
      const { error } = event; // Node's alone has the error itself.
      this.terminate(new Error(describe(event), error && { cause: error }), ERROR_ENDS_WITHIN_MS);
    });
    this.#worker.addEventListener("exit", () => this.#die());
    this.#worker.addEventListener("messageerror", () => {
      this.terminate(new Error("Worker sent a message that can't be read"));
    });
    this.#worker.addEventListener("message", (event: MessageEvent) => {
      const { data } = event;
      if (data?.type === "pool:ready") this.#ready(data);
      else if (data?.type === "pool:early") this.answered(data.answers);
      else if (data?.type === "pool:report" && !this.#isIgnored) events.reported(data);
    });
    this.#cancelTimer = clock.after(
      startTimeoutMs,
      () => this.terminate(new Error(`Worker was not ready within ${startTimeoutMs} ms`)),
    );
  }

  /** Sends calls to a worker that is ready. Never settles if it is dead, or dies. */
  run(calls: Packed<Call>): Promise<Packed<Answer> | Unsendable> {
    return this.#run?.(calls) ?? new Promise(() => {});
  }

  /** It has answered calls: by a message of its own, or by what `run` has returned. */
  answered(answers: Packed<Answer>): void {
    if (!this.#isIgnored) this.#events.answered(answers);
  }

  /** Aborts the signal of a call that has been cancelled. */
  stop(cell: number): void {
    this.#stop?.(cell);
  }

  /** Asks whether its thread is free. @param free Called when it is. */
  ping(free: () => void): void {
    this.#remote?.ping().then(free);
  }

  /** Frees what the runtime keeps of a dead worker. What arrives of it after this is ignored. */
  dispose(): void {
    this.#isIgnored = true;
    this.#worker.terminate();
  }

  #ready(message: Ready): void {
    // The message may have been on its way when the worker was given up.
    if (this.#cause || this.#remote) return;
    const { version } = message;
    if (version !== VERSION) {
      const versions = `version ${version} of the pool's protocol, and the pool ${VERSION}`;
      return this.terminate(new Error(`Worker speaks ${versions}: they are of different builds`));
    }
    this.cells = message.cells;
    this.unread = message.unread;
    this.hasWatchdog = message.watchdog;
    this.#remote = Comlink.wrap<Runner>(leanEndpoint(this.#worker, "caller", unsendable));
    this.#run = this.#remote.run;
    this.#stop = this.#remote.stop;
    if (message.life) {
      this.#watch = watch(message.life, {
        clock: this.#clock,
        ping: (free) => this.ping(free),
        died: () => this.#die(),
      });
    }
    if (!this.#setup) return this.#serving();
    const { method, args } = this.#setup;
    this.#remote.setUp(method, args).then((result) => {
      if (!result) return this.#serving();
      const cause = decodeError(result.error);
      const message = cause instanceof Error ? cause.message : String(cause);
      this.terminate(new Error(`Worker could not be set up by ${method}(): ${message}`, { cause }));
    });
  }

  #serving(): void {
    if (this.#cause || this.#dead) return;
    this.#cancelTimer();
    this.wasReady = true;
    this.#events.ready();
  }

  /**
   * Ends the worker as soon as its thread lets it: at once if it is idle (or in a browser), else when it
   * returns to its event loop. Does nothing the second time.
   *
   * @param graceMs How long it may take to end by itself before that.
   */
  terminate(cause: Error, graceMs = 0): void {
    if (this.#cause || this.#dead) return;
    this.#cause = cause;
    this.#cancelTimer();
    this.#events.doomed();
    if (graceMs > 0 && this.#watch) {
      this.#watch.endsSoon();
      this.#cancelTimer = this.#clock.after(graceMs, () => this.#terminate(cause));
    } else {
      this.#terminate(cause);
    }
  }

  #terminate(cause: Error): void {
    this.#worker.terminate();
    if (!this.#watch || terminationIsFinal()) return this.#die();
    this.#watch.endsSoon();
    this.#cancelTimer = this.#clock.after(WEDGED_AFTER_MS, () => {
      this.#isIgnored = true;
      this.#events.wedged(cause);
      this.#ended.resolve(false);
    });
  }

  #die(): void {
    if (this.#dead) return;
    this.#dead = true;
    this.#cancelTimer();
    this.#watch?.stop();
    // Comlink's FinalizationRegistry holds the endpoint, which leads to the worker, its listeners and back
    // here: a proxy that stayed would keep itself alive, and all of that with it.
    this.#remote = this.#run = this.#stop = undefined;
    if (this.#isIgnored) this.#events.unwedged();
    else this.#events.died(this.#cause ?? new Error("Worker ended without an error"));
    this.#ended.resolve(true);
  }
}

function unsendable(error: unknown): Unsendable {
  return { error: encodeError(error) };
}

function describe({ message, filename, lineno }: ErrorEvent): string {
  return filename ? `${message} (${filename}:${lineno})` : message || "Worker failed to load";
}
