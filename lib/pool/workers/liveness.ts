/**
 * Detects the death of a worker. Most of the ways in which a worker can end raise no event: `self.close()`,
 * `Deno.exit()`, `terminate()`. So each worker holds a resource for as long as its thread exists, and its pool waits
 * until that is released, which happens only when the thread is really gone. The resource is the first of these that
 * the platform has:
 *
 * | held by the worker | where | noticed |
 * | --- | --- | --- |
 * | a Web Lock | Deno since 2.9, pages in secure contexts | at once |
 * | waiters in shared memory, see `roll_call.ts` | Deno before 2.9 | within a second |
 * | a connection to a database of its own | pages over plain HTTP | at once |
 * | nothing: its thread raises `exit` | Node, through `node.ts` | at once |
 *
 * Where there is none of them, a silent death is not noticed. The worker's call then ends by its deadline, and the
 * worker is replaced because it does not stop the call. Asking the worker by a message would not help: a worker that
 * is busy for minutes doesn't answer either.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { answerRollCall, callRoll, canCallRoll } from "./roll_call.ts";

/** What a worker holds while its thread exists. */
export type Life =
  | { readonly held: "lock"; readonly name: string }
  | { readonly held: "waiters"; readonly words: Int32Array }
  | { readonly held: "database"; readonly name: string }
  | { readonly held: "exit" };

/** Watches one worker. */
export interface Watch {
  /** The worker has failed, or was terminated. A watch that polls now polls more often. */
  endsSoon(): void;
  /** Ends the watch: `died` is not called any more. */
  stop(): void;
}

export interface WatchOptions {
  readonly clock: Clock;
  /** Sends the worker a message, which also wakes it up. @param free Called when it has answered. */
  readonly ping: (free: () => void) => void;
  /** Called once, when the thread is gone. */
  readonly died: () => void;
}

/** The part of the Web Locks API in use; Deno has it and doesn't declare it. */
interface LockManager {
  request(
    name: string,
    options: { signal?: AbortSignal },
    callback: () => void | Promise<void>,
  ): Promise<void>;
}

/** The part of IndexedDB in use; Deno doesn't have it. */
interface Databases {
  open(name: string): DatabaseRequest;
  deleteDatabase(name: string): DatabaseRequest;
}

interface DatabaseRequest {
  readonly result: { close(): void };
  onsuccess: (() => void) | null;
  onerror: (() => void) | null;
}

/** Browsers have locks in secure contexts only. */
function lockManager(): LockManager | undefined {
  return (globalThis.navigator as { locks?: LockManager } | undefined)?.locks;
}

function databases(): Databases | undefined {
  return (globalThis as unknown as { indexedDB?: Databases }).indexedDB;
}

/**
 * Whether a terminated worker is gone, whatever it was doing. So it is in browsers, where the lock of a busy one may
 * still be held for two seconds; Deno and Node, which have a `process`, may let its thread run on until its code
 * returns.
 */
export const terminationIsFinal = (): boolean => !("process" in globalThis);

/**
 * Acquires a resource for this thread, and holds it.
 *
 * @param alive Called as soon as it is held; with `null` if there is nothing to hold.
 * @param signal Releases it. Default: only the thread's end does.
 */
export function live(alive: (life: Life | null) => void, signal?: AbortSignal): void {
  if (lockManager()) holdLock(alive, signal);
  else if (canCallRoll()) alive({ held: "waiters", words: answerRollCall(signal) });
  else holdDatabase(alive, signal);
}

export function watch(life: Life, options: WatchOptions): Watch {
  if (life.held === "lock") return watchLock(life.name, options);
  if (life.held === "database") return watchDatabase(life.name, options);
  // Who has the worker hears it, from its start on.
  if (life.held === "exit") return { endsSoon() {}, stop() {} };
  return callRoll(life.words, options);
}

/** Makes a unique name. There is no `randomUUID()` over plain HTTP. */
function ownName(): string {
  return `pool-worker-${crypto.getRandomValues(new Uint32Array(4)).join("-")}`;
}

function holdLock(alive: (life: Life) => void, signal?: AbortSignal): void {
  const name = ownName();
  lockManager()!.request(name, {}, () => {
    alive({ held: "lock", name });
    return new Promise((release) => {
      signal?.addEventListener("abort", () => release());
      if (signal?.aborted) release();
    });
  });
}

function watchLock(name: string, { died }: WatchOptions): Watch {
  const stop = new AbortController();
  const { signal } = stop;
  lockManager()?.request(name, { signal }, () => {}).then(died, (error) => {
    if (!signal.aborted) throw error;
  });
  return { endsSoon() {}, stop: () => stop.abort() };
}

/** Keeps the connections reachable: one that is collected as garbage would be closed. */
const connections = new Set<unknown>();

/**
 * A connection keeps its database from being deleted, and a browser closes it when its thread is gone. Nothing is ever
 * written to the database.
 */
function holdDatabase(alive: (life: Life | null) => void, signal?: AbortSignal): void {
  const name = ownName();
  try {
    const request = databases()!.open(name);
    request.onsuccess = () => {
      const connection = request.result;
      connections.add(connection);
      signal?.addEventListener("abort", () => connection.close());
      alive({ held: "database", name });
    };
    request.onerror = () => alive(null);
  } catch {
    // There are no databases, or this origin may not have any.
    alive(null);
  }
}

/**
 * Asks the browser to delete the database. It does so when the worker's connection is closed. As this is asked in
 * advance, no database is left when the user leaves the page, either.
 */
function watchDatabase(name: string, { died }: WatchOptions): Watch {
  let stopped = false;
  databases()!.deleteDatabase(name).onsuccess = () => {
    if (!stopped) died();
  };
  return { endsSoon() {}, stop: () => stopped = true };
}
