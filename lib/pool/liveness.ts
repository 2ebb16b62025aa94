/**
 * Life and death by Web Lock. A worker holds a lock as long as its thread exists, and whoever waits for
 * that lock learns of its death: by an uncaught error, `self.close()`, `Deno.exit()` or `terminate()`,
 * most of which raise no event, and not before the thread is really gone.
 *
 * @module
 */

/** The part of the Web Locks API in use; Deno has it and doesn't declare it. */
interface LockManager {
  request(
    name: string,
    options: { signal?: AbortSignal },
    callback: () => void | Promise<void>,
  ): Promise<void>;
}

/** Browsers have locks in secure contexts only. */
function lockManager(): LockManager | undefined {
  return (navigator as unknown as { locks?: LockManager }).locks;
}

/**
 * Whether a terminated worker is gone, whatever it was doing. So it is in browsers, where the lock of a busy one may
 * still be held for two seconds; Deno and Node, which have a `process`, let its thread run on until its code returns.
 */
export const terminationIsFinal = (): boolean => !("process" in globalThis);

/**
 * Takes a lock of its own for this thread, and keeps it.
 *
 * @param held Called with its name as soon as it is held; with `null` if the platform has no locks.
 * @param signal Gives it back. Default: only the thread's end does.
 */
export function holdLock(held: (name: string | null) => void, signal?: AbortSignal): void {
  const locks = lockManager();
  if (!locks) return held(null);
  const name = `pool-worker-${crypto.randomUUID()}`;
  locks.request(name, {}, () => {
    held(name);
    return new Promise((release) => {
      signal?.addEventListener("abort", () => release());
      if (signal?.aborted) release();
    });
  });
}

/**
 * Waits for the end of the thread that holds a lock.
 *
 * @param name As told by {@linkcode holdLock}.
 * @param signal Ends the waiting; the promise then stays pending.
 */
export function lockReleased(name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    lockManager()?.request(name, { signal }, () => resolve()).catch((error) => {
      if (!signal.aborted) reject(error);
    });
  });
}
