import type { Clock as KitClock } from "../../lib/hono/clock.ts";
import type { Clock } from "../../lib/pool/mod.ts";

/** The one fake clock, of pool and kit: it stands still until a test moves it. */
export class FakeClock implements Clock, KitClock {
  #now = 0;
  #tickers = 0;
  #timers = new Set<{ at: number; callback: () => void }>();

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    const timer = { at: this.#now + ms, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  every(ms: number, callback: () => void): () => void {
    const set = () =>
      this.after(ms, () => {
        cancel = set();
        callback();
      });
    let cancel: (() => void) | undefined = set();
    this.#tickers++;
    return () => {
      if (!cancel) return;
      cancel();
      cancel = undefined;
      this.#tickers--;
    };
  }

  /** How many intervals are set by {@linkcode every}. */
  get tickers(): number {
    return this.#tickers;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; `Infinity` if none is set. */
  get nextAt(): number {
    return this.#next?.at ?? Infinity;
  }

  /** Goes on by `ms`, and calls what is due on the way, in its order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    while (this.nextAt <= end) {
      this.skipTo(Math.max(this.#now, this.nextAt));
      this.fireNext();
    }
    this.#now = end;
  }

  /** Goes on by `ms` at once, as a busy thread does: whatever is due is called once, and late. */
  pass(ms: number): void {
    this.skipTo(this.#now + ms);
    for (const _ of this.fireDue());
  }

  /** Goes on to a moment and calls nothing: the thread was busy until then. */
  skipTo(at: number): void {
    this.#now = at;
  }

  /** Calls what is due next. @returns Whether anything was. */
  fireNext(): boolean {
    const next = this.#next;
    if (!next || next.at > this.#now) return false;
    this.#timers.delete(next);
    next.callback();
    return true;
  }

  /** Calls what is due by now, and not what is set meanwhile. */
  *fireDue(): Generator<void> {
    const due = [...this.#timers].filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at);
    for (const timer of due) {
      if (!this.#timers.delete(timer)) continue;
      yield timer.callback();
    }
  }

  get #next() {
    let next: { at: number; callback: () => void } | undefined;
    for (const timer of this.#timers) if (!next || timer.at < next.at) next = timer;
    return next;
  }
}
