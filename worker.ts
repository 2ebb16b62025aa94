/**
 * The module worker: what runs off the event loop. To serve another function, put it beside those of
 * `fibonacciApi`, and call it by its name with `pool.call()`.
 *
 * @module
 */

import { fibonacciApi } from "./lib/compute/api.ts";
import { loadKernels } from "./lib/fibonacci/mod.ts";
import { lowerPriority } from "./lib/priority.ts";
import { watchdog } from "./lib/pool/watchdog.ts";
import { checkpoint, serve } from "./lib/pool/worker.ts";

// A worker has neither arguments nor an environment of its own: what it is told is its name.
lowerPriority(Number(self.name));

await loadKernels();
serve(fibonacciApi(checkpoint), {
  watchdog,
  // Imported when the first trace comes in: without tracing nobody pays for it.
  continueTrace: async (...call) => (await import("./lib/pool/otel.ts")).continueTrace(...call),
});
