/** A cache over a backend that holds its calls, on a fake clock. */

import { cached, type CachedOptions } from "../../lib/pool/cached.ts";
import { type BackendCallOptions, type Timing } from "../../lib/pool/mod.ts";
import { FakeClock } from "./fake_clock.ts";
import { type HeldApi, HeldBackend } from "./held_backend.ts";

/** Takes ten answers of 488 bytes: an entry weighs 512 beside its value. */
export const MAX_BYTES = 10_000;

/** What a call came to, and what its caller was told of it. */
export interface Answer extends Timing {
  readonly value: unknown;
}

export type Ask = (n: number, options?: BackendCallOptions, form?: string) => Promise<Answer>;

export async function fixture(
  options: { deaf?: boolean; bytes?: number } & Partial<CachedOptions<HeldApi>> = {},
) {
  const { deaf, bytes = 488, ...cache } = options;
  const inner = new HeldBackend({ deaf, bytes });
  const clock = new FakeClock();
  const backend = cached(inner, { maxBytes: MAX_BYTES, clock, pure: ["f"], ...cache });
  await backend.load();
  const ask: Ask = async (n, options, form) => {
    let timing: Timing | undefined;
    const onTiming = (told: Timing) => timing = told;
    // No copy of the options: they may be none that can be read.
    const bound = options ? Object.assign(options, { onTiming }) : { onTiming };
    const value = await backend.call("f", form === undefined ? [n] : [n, form], bound);
    return { value, ...timing! };
  };
  return {
    inner,
    clock,
    backend,
    ask,
    /** Has the answers to these held. */
    async fill(...ns: number[]): Promise<void> {
      for (const n of ns) {
        const call = ask(n);
        inner.calls.at(-1)!.answer();
        await call;
      }
    },
  };
}

/** Calls as somebody who may leave: `outcome` is what the call came to. */
export function visit(ask: Ask, n: number, deadlineMs?: number) {
  const controller = new AbortController();
  const outcome = ask(n, { signal: controller.signal, deadlineMs }).catch((error) => error);
  return { outcome, leave: (reason: unknown) => controller.abort(reason) };
}
