/**
 * What Linux tells of a process. Everything is `undefined` elsewhere.
 *
 * @module
 */

import { statOf } from "./process.ts";

/** Kernels that run this count the time of threads in hundredths of a second, whatever their own tick. */
const TICK_MS = 10;

/** @returns Milliseconds of CPU that a process's first thread has taken: in Deno, the event loop's. */
export function mainThreadCpuMs(pid: number): number | undefined {
  const stat = statOf(`/proc/${pid}/task/${pid}/stat`);
  return stat && (Number(stat[11]) + Number(stat[12])) * TICK_MS;
}

/**
 * @returns MiB of memory that processes take, pages that several share being counted once (PSS).
 */
export function memoryMiB(pids: readonly number[]): number | undefined {
  let kB = 0;
  for (const pid of pids) {
    try {
      const text = Deno.readTextFileSync(`/proc/${pid}/smaps_rollup`);
      kB += Number(text.match(/^Pss:\s+(\d+) kB/m)?.[1] ?? 0);
    } catch {
      return undefined;
    }
  }
  return kB / 1024;
}
