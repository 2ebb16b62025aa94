/**
 * The pool on Node, which has no Web Workers: its own `worker_threads`, as the pool wants them.
 *
 * ```ts ignore
 * // main.js
 * import { WorkerPool } from "@off-the-loop/pool";
 * import { nodeWorker } from "@off-the-loop/pool/node";
 *
 * const spawn = () => nodeWorker(new URL("./worker.js", import.meta.url));
 * const pool = new WorkerPool({ spawn });
 *
 * // worker.js
 * import { nodePort } from "@off-the-loop/pool/node";
 * import { serve } from "@off-the-loop/pool/worker";
 *
 * serve({ double: (n) => 2 * n }, { port: nodePort() });
 * ```
 *
 * There `terminate()` stops a worker whatever it is doing, and memory can be limited. On Deno use its Web Workers:
 * `worker_threads` ignore permissions there, and a thread that is busy runs on.
 *
 * @module
 */

import { parentPort, Worker as Thread } from "node:worker_threads";
import type { PoolWorker, Port } from "./sending/endpoint.ts";

export type { PoolWorker, Port } from "./sending/endpoint.ts";
export type { Life } from "./workers/liveness.ts";

/** How much memory a worker may take, in megabytes. Beyond that it dies, and the process lives on. */
export interface ResourceLimits {
  /** Of the heap, for what has been there for a while. */
  maxOldGenerationSizeMb?: number;
  /** Of the heap, for what is new. */
  maxYoungGenerationSizeMb?: number;
  /** For code that has been compiled. */
  codeRangeSizeMb?: number;
  /** Of the stack. Default: 4. */
  stackSizeMb?: number;
}

/** Options of {@linkcode nodeWorker}: a part of those that `worker_threads` takes, under its names. */
export interface NodeWorkerOptions {
  /** Limits of its memory. Buffers are outside of them. Default: those of the process. */
  resourceLimits?: ResourceLimits;
  /** What it finds as `workerData`. */
  workerData?: unknown;
  /** Its environment. Default: a copy of this thread's. */
  env?: Record<string, string>;
  /** Options of Node's for it, such as `--conditions=…`. Default: those of the process. */
  execArgv?: string[];
  /** Its name in debuggers. */
  name?: string;
}

/**
 * Starts a worker thread for a pool: what `spawn` is to return.
 *
 * @param url The module of the worker, which calls `serve(api, { port: nodePort() })`.
 * @throws {Error} If the options are none that `worker_threads` takes.
 */
export function nodeWorker(url: URL, options: NodeWorkerOptions = {}): PoolWorker {
  return new NodeWorker(new Thread(url, options));
}

/**
 * The port through which this worker thread and its pool talk: `serve(api, { port: nodePort() })`.
 *
 * @throws {TypeError} If this is no worker thread.
 */
export function nodePort(): Port {
  const port = parentPort;
  if (!port) throw new TypeError("This is no worker thread: its pool starts it by nodeWorker()");
  return {
    life: { held: "exit" },
    postMessage: (message, transfer) => port.postMessage(message, transfer as never),
    addEventListener: (type, listener) => port.addEventListener(type, listener as never),
    removeEventListener: (type, listener) => port.removeEventListener(type, listener as never),
  };
}

/** What a thread tells, as events of a Web Worker. */
const EVENTS: Record<string, (value: unknown) => Event> = {
  message: (data) => new MessageEvent("message", { data }),
  messageerror: (data) => new MessageEvent("messageerror", { data }),
  // Not an `ErrorEvent`, which Node does not have.
  error: (error) => {
    const message = error instanceof Error ? error.message : String(error);
    return Object.assign(new Event("error", { cancelable: true }), { error, message });
  },
  exit: () => new Event("exit"),
};

/** A thread that looks like a Web Worker. */
class NodeWorker extends EventTarget implements PoolWorker {
  readonly #thread: Thread;

  constructor(thread: Thread) {
    super();
    this.#thread = thread;
    for (const [type, eventOf] of Object.entries(EVENTS)) {
      thread.on(type, (value: unknown) => this.dispatchEvent(eventOf(value)));
    }
  }

  postMessage(message: unknown, transfer?: Transferable[]): void {
    this.#thread.postMessage(message, transfer as never);
  }

  terminate(): void {
    // It says by `exit` when it is done.
    void this.#thread.terminate();
  }
}
