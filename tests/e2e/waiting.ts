/**
 * Waits for a promise that must not take long. A test that would hang fails instead, and says at what.
 *
 * @param ms Far more than it takes on a busy machine.
 * @throws {Error} If the time has passed.
 */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`No ${what} within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Marks a promise that is awaited later. If it is rejected before, that must not end the whole run, and leave
 * behind what the test has started.
 */
export function later<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Resolves after `ms` milliseconds: for moments that no event marks. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
