/**
 * The module worker: what runs off the event loop. To serve another function, put it beside those of `api`, and
 * call it by its name with `pool.call()`.
 *
 * @module
 */

import type { Coding, Digits, FibonacciApi } from "./lib/compute/mod.ts";
import { compress } from "./lib/compress.ts";
import { surround } from "./lib/compute/surround.ts";
import { type AlgorithmName, calibrate, fibonacci } from "./lib/fibonacci/mod.ts";
import { lowerPriority } from "./lib/priority.ts";
import { watchdog } from "./lib/pool/watchdog.ts";
import { checkpoint, serve, transfer } from "./lib/pool/worker.ts";

/**
 * How many digits go as text. Moving a buffer costs both threads some 8 µs, whatever its size; copying text
 * costs less up to some 10,000 characters.
 */
const TEXT_UP_TO = 4096;
const decoder = new TextDecoder();

// A worker has neither arguments nor an environment of its own: what it is told is its name.
lowerPriority(Number(self.name));

const api = {
  fibonacci(n: number, algorithm: AlgorithmName, coding?: Coding, before = "", after = ""): Digits {
    const digits = fibonacci(n, algorithm, checkpoint);
    if (coding) return moved(compress(coding, surround(before, digits, after)));
    return digits.length > TEXT_UP_TO ? moved(digits) : decoder.decode(digits);
  },
  calibrate,
};

// What the service calls has to be there; more may be.
api satisfies FibonacciApi;

serve(api, {
  watchdog,
  // Imported when the first trace comes in: without tracing nobody pays for it.
  continueTrace: async (...call) => (await import("./lib/otel.ts")).continueTrace(...call),
});

function moved(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return transfer(bytes, [bytes.buffer]);
}
