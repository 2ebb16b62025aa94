import { compress } from "../hono/compress.ts";
import { type AlgorithmName, calibrate, fibonacci, type MachineSpeed } from "../fibonacci/mod.ts";
import { transfer } from "../pool/worker.ts";
import type { Coding, Digits } from "./job.ts";
import { surround } from "./surround.ts";

/** What the service's workers serve. */
export interface FibonacciApi {
  /** See `fibonacci` in `lib/fibonacci/`; the rest has it compressed, with ASCII around the digits. */
  fibonacci(
    n: number,
    algorithm: AlgorithmName,
    coding?: Coding,
    before?: string,
    after?: string,
  ): Digits;
  /** Measures how fast this machine is. */
  calibrate(): MachineSpeed;
}

/**
 * How many digits go as text. Moving a buffer costs both threads some 8 µs, whatever its size; copying text
 * costs less up to some 10,000 characters.
 */
const TEXT_UP_TO = 4096;
const decoder = new TextDecoder();

/** Makes what is served, in a worker or on this thread. @param checkpoint Throws if nobody waits any more. */
export function fibonacciApi(checkpoint: () => void): FibonacciApi {
  return {
    fibonacci(n, algorithm, coding, before = "", after = "") {
      const digits = fibonacci(n, algorithm, checkpoint);
      if (coding) {
        return moved(compress(coding, surround(before, digits, after), { repetitive: false }));
      }
      return digits.length > TEXT_UP_TO ? moved(digits) : decoder.decode(digits);
    },
    calibrate,
  };
}

function moved(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return transfer(bytes, [bytes.buffer]);
}
