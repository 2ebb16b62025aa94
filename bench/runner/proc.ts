/**
 * What Linux tells of a process. Everything is `undefined` elsewhere.
 *
 * @module
 */

/** @returns Microseconds of CPU that a process's first thread has taken: in Deno and Node, the event loop's. */
export function mainThreadCpuUs(pid: number): number | undefined {
  return threadCpuUs(pid, pid);
}

/** @returns Microseconds of CPU that the threads of processes have taken. Those that have ended are not in it. */
export function cpuUs(pids: readonly number[]): number | undefined {
  let us = 0;
  for (const pid of pids) {
    try {
      for (const { name } of Deno.readDirSync(`/proc/${pid}/task`)) {
        us += threadCpuUs(pid, Number(name)) ?? 0;
      }
    } catch {
      return undefined;
    }
  }
  return us;
}

/** The scheduler's own count, in nanoseconds; that in `stat` is in ticks of ten milliseconds. */
function threadCpuUs(pid: number, thread: number): number | undefined {
  try {
    const text = Deno.readTextFileSync(`/proc/${pid}/task/${thread}/schedstat`);
    return Number(text.split(" ")[0]) / 1000;
  } catch {
    return undefined;
  }
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
