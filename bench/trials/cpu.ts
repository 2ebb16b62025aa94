/**
 * @returns Microseconds of processor time of this process's first thread, the event loop's, so far. NaN but on Linux.
 * Sleeps first: the kernel adds up what a thread has taken when it goes to sleep, and else a few times a second.
 */
export async function cpuUs(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2));
  try {
    return Number(Deno.readTextFileSync("/proc/self/schedstat").split(" ")[0]) / 1000;
  } catch {
    return NaN;
  }
}
