/**
 * The module worker: what runs off the event loop. To serve another function, put it here and call it by
 * its name with `pool.call()`.
 *
 * @module
 */

import type { FibonacciApi } from "./lib/compute/mod.ts";
import { calibrate, fibonacci } from "./lib/fibonacci/mod.ts";
import { watchdog } from "./lib/pool/watchdog.ts";
import { checkpoint, serve, transfer } from "./lib/pool/worker.ts";

serve<FibonacciApi>({
  fibonacci(n, algorithm) {
    const digits = fibonacci(n, algorithm, checkpoint);
    return transfer(digits, [digits.buffer]);
  },
  calibrate,
}, { watchdog });
