import { fibonacci, loadKernels } from "../../../lib/fibonacci/mod.ts";

await loadKernels();

/** What the service's worker does for a call, with its default algorithm. */
export function digits(n: number): Uint8Array {
  return fibonacci(n);
}
