/** Stand-ins for what an app is handed, all under a test's control. */

import { healthOf } from "../../lib/pool/snapshot.ts";
import type { Health } from "../../lib/pool/mod.ts";
import { type App, type AppOptions, createApp } from "../../lib/http/app.ts";
import { FakeClock } from "../pool/fake_clock.ts";
import { type ServiceStats, statsOf } from "../../lib/hono/mod.ts";
import type { Page } from "../../lib/http/page.ts";
import type { Coding, Digits, FibonacciApi, FibonacciJob } from "../../lib/compute/mod.ts";
import { REFERENCE_SPEED } from "../../lib/fibonacci/mod.ts";
import type {
  Backend,
  BackendCallOptions,
  BackendStats,
  CacheUse,
  PoolObserver,
  PoolStats,
  Refused,
  SlotState,
} from "../../lib/pool/mod.ts";

/** What a number is answered with, and where its time went. */
export interface FibonacciResult {
  readonly digits: Digits;
  readonly cache: CacheUse | "off";
  readonly queueMs: number;
  readonly computeMs: number;
  readonly transferMs?: number;
  readonly worker?: number;
}

/** What is asked of a worker, beside what the service knows of it. */
export interface AskedJob extends FibonacciJob {
  /** What goes around the digits before they are compressed. */
  readonly encoding?: { readonly coding: Coding; readonly before: string; readonly after: string };
}

/** What a test makes of a job: a backend as far as it is Fibonacci's. */
export interface Compute {
  (job: AskedJob, options?: BackendCallOptions): Promise<FibonacciResult>;
  readonly find?: (job: AskedJob) => FibonacciResult | undefined;
  readonly refusal?: (job: AskedJob, options?: BackendCallOptions) => Refused | undefined;
}

type Args = Parameters<FibonacciApi["fibonacci"]>;

/** Makes a backend of it. @param stats What there is to see. @param isBusy Whether calls wait. */
export function backendOf(
  compute: Compute,
  stats: () => BackendStats = () => ({}),
  isBusy: boolean = compute.refusal !== undefined,
): Backend<FibonacciApi> {
  const jobOf = ([n, algorithm, coding, before = "", after = ""]: Args): AskedJob =>
    coding ? { n, algorithm, encoding: { coding, before, after } } : { n, algorithm };
  const { find, refusal } = compute;
  return {
    isBusy,
    // deno-lint-ignore no-explicit-any -- one method of two
    async call(method: string, args: unknown[], options: BackendCallOptions = {}): Promise<any> {
      if (method === "calibrate") return REFERENCE_SPEED;
      const { digits, cache, queueMs, computeMs, transferMs, worker } = await compute(
        jobOf(args as Args),
        options,
      );
      options.onTiming?.({
        waitMs: queueMs,
        runMs: computeMs,
        transferMs: transferMs ?? 0,
        ...(worker === undefined ? undefined : { slot: worker }),
        ...(cache === "off" ? undefined : { cache }),
      });
      return digits;
    },
    // deno-lint-ignore no-explicit-any -- one method of two
    find: find && ((_method: string, args: unknown[]): any => {
      const found = find(jobOf(args as Args));
      return found && { value: found.digits };
    }),
    refusal: refusal &&
      ((_method, args, options) => refusal(jobOf(args as unknown as Args), options)),
    stats,
    health: () => healthIn(statsOf(stats())),
    close: () => Promise.resolve({ abandoned: 0, wedged: 0 }),
  };
}

/** A call that was made, waiting for its test to settle it. */
export interface HeldCall {
  readonly job: AskedJob;
  readonly options: BackendCallOptions;
  answer(result?: Partial<FibonacciResult>): void;
  fail(error: unknown): void;
}

/** How long an answer may be kept that never changes. */
export const IMMUTABLE = "public, max-age=31536000, immutable";

/** F(n) as bytes. */
export function digitsOf(n: number): Uint8Array<ArrayBuffer> {
  let [a, b] = [0n, 1n];
  for (let i = 0; i < n; i++) [a, b] = [b, a + b];
  return new TextEncoder().encode(String(a));
}

/** What `n` is answered with unless a test says otherwise. */
export function resultOf(n: number, part: Partial<FibonacciResult> = {}): FibonacciResult {
  return { digits: digitsOf(n), cache: "miss", queueMs: 0.5, computeMs: 1.25, ...part };
}

/** Holds each call until it is settled; rejects it when its signal aborts, as any `Compute` does. */
export class HoldingCompute {
  readonly calls: HeldCall[] = [];
  #arrived = Promise.withResolvers<void>();

  readonly compute: Compute = (job, options = {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<FibonacciResult>();
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(signal.reason);
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    this.calls.push({
      job,
      options,
      answer: (part) => resolve(resultOf(job.n, part)),
      fail: reject,
    });
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
    return promise;
  };

  /** @returns The call at `index`, once it has been made. */
  async call(index: number): Promise<HeldCall> {
    while (this.calls.length <= index) await this.#arrived.promise;
    return this.calls[index];
  }
}

const NO_VALUES = { bounds: [Infinity], counts: [0], count: 0, sum: 0 };

/** A pool whose slots are in these states. */
export function poolStats(states: SlotState[], part: Partial<PoolStats> = {}): PoolStats {
  return {
    size: states.length,
    state: "open",
    loadFailure: null,
    slots: states.map((state, slot) => ({
      slot,
      state,
      job: null,
      inFlight: 0,
      done: 0,
      failed: 0,
      restarts: 0,
    })),
    queue: { length: 0, long: 0, max: 8, predictedWaitMs: 0 },
    refusals: { queue: 0, lane: 0, group: 0, wait: 0 },
    totals: {
      calls: 0,
      done: 0,
      failed: 0,
      aborted: 0,
      expired: 0,
      refused: 0,
      crashed: 0,
      closed: 0,
      restarts: 0,
      wedged: 0,
    },
    waitMs: NO_VALUES,
    runMs: NO_VALUES,
    transferMs: NO_VALUES,
    ...part,
  };
}

/** A dashboard of one script, as small as it gets. What is in a file tells which one it is. */
export function fakePage(tag = "tag"): Page {
  const paths = ["page.html", "assets/page-1.js", "assets/page-1.css", "assets/page-1.js.map"];
  const forms = paths.flatMap((path) => [path, `${path}.br`, `${path}.gz`]);
  return { files: new Map(forms.map((path) => [path, new TextEncoder().encode(path)])), tag };
}

/** The health of a pool of which only the numbers are there. */
function healthIn({ pool }: ServiceStats): Health {
  if (!pool) return { ready: true, healthy: true };
  const { state, loadFailure, slots } = pool;
  const serving =
    slots.filter(({ state }) => ["idle", "busy", "cancelling"].includes(state)).length;
  return healthOf({ state, loadFailure, usable: slots.length, serving });
}

/** An app and everything it was handed. */
export interface Fixture {
  readonly app: App;
  readonly clock: FakeClock;
  /** The jobs of the calls made so far. */
  readonly jobs: AskedJob[];
  /** What `stats()` returns next. */
  stats: ServiceStats;
  /** Who wants to be told what workers do. */
  readonly observer: PoolObserver;
  get(path: string, headers?: HeadersInit, init?: RequestInit): Promise<Response>;
}

/** Options of {@linkcode fixture}. */
export type FixtureOptions = Partial<AppOptions> & {
  readonly compute?: Compute;
  /** Whether calls wait. Default: if some are refused. */
  readonly isBusy?: boolean;
  /** What there is to see. Default: the fixture's `stats`. */
  readonly stats?: () => ServiceStats;
};

/** An app over a compute that answers at once, unless `compute` is given. */
export function fixture(
  { compute: given, isBusy, stats, ...options }: FixtureOptions = {},
): Fixture {
  const clock = new FakeClock();
  const jobs: AskedJob[] = [];
  const compute: Compute = given ?? ((job) => Promise.resolve(resultOf(job.n)));
  const counting = Object.assign((job: AskedJob, options?: BackendCallOptions) => {
    jobs.push(job);
    return compute(job, options);
  }, { find: compute.find, refusal: compute.refusal });
  const observer: PoolObserver = {};
  const backend = backendOf(counting, () => {
    const { pool, cache } = stats ? stats() : self.stats;
    return { ...pool, ...(cache && { cache }) };
  }, isBusy);
  const app = createApp({
    // As steep as the real thing: by its definition, F(60) takes hours.
    estimateMs: ({ n, algorithm }) => algorithm === "naive" ? 1.618 ** n / 3e5 : n / 1000,
    maxN: 1_000_000,
    deadlineMs: 30_000,
    algorithm: "fast-doubling",
    clock,
    backend: { ...backend, observe: (watching) => void Object.assign(observer, watching) },
    ...options,
  });
  const self: Fixture = {
    app,
    clock,
    jobs,
    observer,
    stats: { pool: null, cache: null },
    get: async (path, headers, init) =>
      await app.fetch(new Request(`http://localhost${path}`, { headers, ...init })),
  };
  return self;
}

/** The members of a problem. */
export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
}

/** Reads a problem, whose headers must say that it is one. */
export async function problemOf(response: Response): Promise<ProblemBody> {
  const types = [response.headers.get("content-type"), response.headers.get("cache-control")];
  if (String(types) !== "application/problem+json,no-store") {
    throw new Error(`Not a problem: ${response.status} ${types}: ${await response.text()}`);
  }
  return await response.json();
}
