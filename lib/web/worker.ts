/**
 * The page's module worker: what runs off the page's thread.
 *
 * @module
 */

import type { FibonacciApi } from "../compute/mod.ts";
import { calibrate, fibonacci } from "../fibonacci/mod.ts";
import { checkpoint, serve, transfer } from "../pool/worker.ts";

// Without `loadKernels()`: the page computes small numbers alone, and need not load what large ones take.
const api: FibonacciApi = {
  fibonacci(n, algorithm) {
    const digits = fibonacci(n, algorithm, checkpoint);
    return transfer(digits, [digits.buffer]);
  },
  calibrate,
};

// Without a watchdog: a browser's `terminate()` stops a worker that is busy.
serve(api);
