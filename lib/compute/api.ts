import { compress } from "../hono/compress.ts";
import { type AlgorithmName, calibrate, fibonacci, type MachineSpeed } from "../fibonacci/mod.ts";
import { transfer } from "../pool/worker.ts";
import { type Coding, type Digits, surround } from "./job.ts";

/** The methods of the service's workers. */
export interface FibonacciApi {
  /** Computes as `fibonacci` in `lib/fibonacci/` does. With `coding`, compresses `before`, the digits and `after`. */
  fibonacci(
    n: number,
    algorithm: AlgorithmName,
    coding?: Coding,
    before?: string,
    after?: string,
  ): Digits;
  /** Measures the speed of this machine. */
  calibrate(): MachineSpeed;
}

/** Up to how many digits are sent as text. To move a buffer costs some 8 µs; to copy 10,000 characters as much. */
const TEXT_UP_TO = 4096;
const decoder = new TextDecoder();

/** Makes the methods. @param checkpoint Throws if the call is no longer wanted. */
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
