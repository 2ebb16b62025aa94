import { setPriority } from "node:os";

/**
 * Lets this thread have the processor only when those of other priority leave it: the event loop answers at once then,
 * though every core computes. Where that can't be done, nothing happens.
 *
 * @param nice How much priority it gives up, as Linux counts it: from 0, none, to 19.
 */
export function lowerPriority(nice: number): void {
  if (!(nice > 0)) return;
  try {
    // On Linux 0 is the thread that asks.
    setPriority(0, nice);
  } catch {
    // It is no reason not to serve.
  }
}
