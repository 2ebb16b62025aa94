import {
  type Answer,
  type Call,
  CELLS,
  packAnswers,
  type Packed,
  unpackCalls,
  VERSION,
} from "../../lib/pool/sending/protocol.ts";

/** A message of calls that a {@linkcode ScriptedWorker} was sent. */
export interface Post {
  readonly calls: readonly Call[];
  /** Answers it: the worker is through with it. */
  reply(...answers: Answer[]): void;
}

/**
 * The worker's side of the protocol in the test's own hands: it sees each message, sets the cells and says
 * when what is answered. What it says arrives at once.
 */
export class ScriptedWorker extends EventTarget implements Worker {
  readonly cells = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  readonly unread = new Int32Array(new SharedArrayBuffer(4 * CELLS));
  /** In the order sent. */
  readonly posts: Post[] = [];
  onerror = null;
  onmessage = null;
  onmessageerror = null;

  /** Takes calls from now on. */
  ready(version = VERSION, watchdog = false): void {
    const { cells, unread } = this;
    const about = { version, life: null, watchdog, cells, unread };
    this.#say({ type: "pool:ready", ...about });
  }

  /** Tells answers before those of the whole message. */
  early(...answers: Answer[]): void {
    this.#say({ type: "pool:early", answers: packAnswers(answers) });
  }

  /** Reports a value of a call. */
  report({ cell }: Call, value: unknown): void {
    this.#say({ type: "pool:report", cell, value });
  }

  /** The first arguments of the calls sent so far, by message. */
  get sent(): unknown[][] {
    return this.posts.map(({ calls }) => calls.map(({ args }) => args[0]));
  }

  /** The only call with this first argument that was sent here. */
  call(name: string): Call {
    const [call, ...others] = this.posts.flatMap(({ calls }) => calls)
      .filter(({ args }) => args[0] === name);
    if (!call || others.length > 0) {
      throw new Error(`"${name}" was sent ${others.length + 1} times`);
    }
    return call;
  }

  postMessage(
    message: { id: string; path: string[]; argumentList: [{ value: Packed<Call> }] },
  ): void {
    const { id, path: [method], argumentList: [{ value }] } = message;
    if (method !== "run") return;
    this.posts.push({
      calls: unpackCalls(value),
      reply: (...answers) => this.#say({ id, type: "RAW", value: packAnswers(answers) }),
    });
  }

  terminate(): void {}

  #say(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }
}

/** A call's answer: a value, by default the call's first argument. */
export function valueOf({ cell, args }: Call, value: unknown = args[0]): Answer {
  return { cell, kind: "value", value, runMs: 0.01 };
}

/** A call's answer: there is no value. */
export function noValueOf({ cell }: Call, kind: "stopped" | "skipped"): Answer {
  return { cell, kind, runMs: kind === "stopped" ? 0.01 : 0 };
}
