/**
 * The module worker: what runs off the event loop. To serve another function, put it here and call it by
 * its name with `pool.call()`.
 *
 * @module
 */

import type { FibonacciApi } from "./lib/compute/mod.ts";
import { compress } from "./lib/compress.ts";
import { surround } from "./lib/compute/surround.ts";
import { calibrate, fibonacci } from "./lib/fibonacci/mod.ts";
import { watchdog } from "./lib/pool/watchdog.ts";
import { checkpoint, serve, transfer } from "./lib/pool/worker.ts";

/**
 * How many digits go as text. Moving a buffer costs both threads some 8 µs, whatever its size; copying text
 * costs less up to some 10,000 characters.
 */
const TEXT_UP_TO = 4096;
const decoder = new TextDecoder();

serve<FibonacciApi>({
  fibonacci(n, algorithm, coding, before = "", after = "") {
    const digits = fibonacci(n, algorithm, checkpoint);
    if (coding) return moved(compress(coding, surround(before, digits, after)));
    return digits.length > TEXT_UP_TO ? moved(digits) : decoder.decode(digits);
  },
  calibrate,
}, { watchdog });

function moved(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return transfer(bytes, [bytes.buffer]);
}
