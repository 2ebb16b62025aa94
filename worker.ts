/**
 * The module of each worker: what runs off the event loop. To serve another function, put it beside those of
 * `fibonacciApi`, and call it by its name with `pool.call()`.
 *
 * @module
 */

import { fibonacciApi } from "./lib/compute/api.ts";
import { loadKernels } from "./lib/fibonacci/mod.ts";
import { lowerPriority } from "./lib/priority.ts";
import { watchdog } from "./lib/pool/watchdog.ts";
import { checkpoint, serve } from "./lib/pool/worker.ts";

// A worker has no arguments and no environment of its own. Its name carries the number.
lowerPriority(Number(self.name));

await loadKernels();
serve(fibonacciApi(checkpoint), {
  watchdog,
  // Imported with the first trace.
  continueTrace: async (...call) => (await import("./lib/pool/otel.ts")).continueTrace(...call),
});
