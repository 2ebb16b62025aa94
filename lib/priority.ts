import { setPriority } from "node:os";

/**
 * Lowers the priority of this thread, so that the event loop answers at once even if every core computes. Does nothing
 * where that is not possible.
 *
 * @param nice How much priority to give up, as on Linux: from 0, none, to 19.
 */
export function lowerPriority(nice: number): void {
  if (!(nice > 0)) return;
  try {
    // On Linux, 0 means the calling thread.
    setPriority(0, nice);
  } catch {
    // The service works without it.
  }
}
