/**
 * Runs inside a server, by `--preload`: looks at the clock in every turn of its event loop, and tells on
 * stdout, whenever it reads something from stdin, the longest it was kept waiting since the time before.
 * Turns follow each other without a pause, so gaps of microseconds show; the thread is never idle.
 *
 * @module
 */

function probe(): void {
  let last = performance.now();
  let maxGapMs = 0;
  setImmediate(function look() {
    const now = performance.now();
    maxGapMs = Math.max(maxGapMs, now - last);
    last = now;
    setImmediate(look);
  });
  (async () => {
    for await (const _ of Deno.stdin.readable) {
      console.log(JSON.stringify({ maxGapMs }));
      maxGapMs = 0;
    }
  })();
}

// The main module waits until nothing is pending here, save for what doesn't keep the program running.
Deno.unrefTimer(setTimeout(probe, 0));
