import type { Open } from "../pool.ts";
import * as raw from "./raw_messages.ts";

/** How to wait for the next look. */
const PAUSES = {
  /** The next turn of the event loop: what `asyncio.sleep(0)` is in Python. */
  turn: () => new Promise<void>((resolve) => setImmediate(resolve)),
  /** What is written in JavaScript, where it means a millisecond or more. */
  timer: () => new Promise<void>((resolve) => setTimeout(resolve, 0)),
};

/**
 * Workers whose results are polled, as by `while not result.ready(): await asyncio.sleep(0)` in Python: every
 * call that waits wakes the event loop up to look, again and again. (To await a promise that is settled
 * would be no way to wait: the message with the result would never get its turn.)
 */
export const open: Open<{ pause: keyof typeof PAUSES }> = async (size, { pause }) => {
  const pool = await raw.open(size);
  return {
    async call(...call) {
      let isDone = false;
      const result = pool.call(...call).finally(() => isDone = true);
      while (!isDone) await PAUSES[pause]();
      return await result;
    },
  };
};
