import { current, serve } from "@off-the-loop/pool/worker";
import { parse } from "csv-parse/sync";

function isPrime(n: number): boolean {
  for (let d = 2; d * d <= n; d++) if (n % d === 0) return false;
  return n > 1;
}

const progress = {
  countPrimes(below: number): number {
    const { report } = current();
    let primes = 0;
    for (let n = 0; n < below; n++) {
      // As often as we like: most cost next to nothing. Throws if nobody waits any more.
      if (n % 1_000 === 0) report({ n, primes });
      if (isPrime(n)) primes++;
    }
    return primes;
  },
  /** Adds up the columns of a CSV file, one number a cell. */
  sumColumns(file: ArrayBuffer): { rows: number; sums: Record<string, number> } {
    const { report } = current();
    const sums: Record<string, number> = {};
    let rows = 0;
    parse(new Uint8Array(file), {
      columns: true,
      onRecord(record: Record<string, string>, { bytes }) {
        for (const name in record) sums[name] = (sums[name] ?? 0) + Number(record[name]);
        report({ rows: ++rows, percent: Math.floor(100 * bytes / file.byteLength) });
        return null; // The parser need not keep it.
      },
    });
    return { rows, sums };
  },
};

export type Progress = typeof progress;

serve(progress);
