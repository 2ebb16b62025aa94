import { fibonacci } from "../../../lib/fibonacci/mod.ts";

/** What the service's worker does for a call, with its default algorithm. */
export function digits(n: number): Uint8Array {
  return fibonacci(n);
}
