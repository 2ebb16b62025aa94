/**
 * Everything that is compared, each with one short adapter.
 *
 * @module
 */

import type { Contender, PoolAdapter } from "./contender.ts";
import {
  bundledService,
  constantServer,
  deno,
  denoServer,
  largeServer,
  nodeServer,
  service,
  tornadoServer,
} from "./commands.ts";

export type { Contender } from "./contender.ts";

/** A pool on Deno, and the same behind Hono. */
function onDeno(pool: PoolAdapter): Pick<Contender, "runtime" | "pool" | "server"> {
  return { runtime: "Deno", pool, server: (size) => denoServer(pool, size) };
}

/** A pool on Node, and the same behind `node:http`. */
function onNode(pool: PoolAdapter): Pick<Contender, "runtime" | "pool" | "server" | "needs"> {
  return {
    runtime: "Node",
    needs: ["node", "peers"],
    pool,
    server: (size) => nodeServer(pool, size),
  };
}

/** Sizes of pools whose costs are compared. */
const WORKERS = [2, 16, 64, 256] as const;
/** Lengths of queues whose costs are compared. */
const DEPTHS = [10, 100, 1_000, 10_000] as const;
/** Calls that a plain queue sends to a worker at a time. */
const WINDOWS = [1, 2, 4] as const;

/** The contenders, by the names that cases and raw lines know them by. */
export const CONTENDERS = {
  ours: {
    name: "this project",
    role: "ours",
    runtime: "Deno",
    what: "as it is: the command of `deno task start`, the function of its workers",
    server: (size) =>
      service({ WORKERS: String(size), CACHE_MB: "0", ALGORITHM: "naive", LOG_LEVEL: "warning" }),
    digits: "contenders/digits/ours.ts",
  },
  "ours-bundled": {
    name: "this project, bundled",
    role: "ours",
    runtime: "Deno",
    what: "the same from `dist/`, as `deno task build` makes it",
    needs: ["dist"],
    server: (size) =>
      bundledService({
        WORKERS: String(size),
        CACHE_MB: "0",
        ALGORITHM: "naive",
        LOG_LEVEL: "warning",
      }),
  },
  "ours-pool": {
    name: "this project's pool",
    role: "ours",
    what: "the pool by itself, calls declared pure",
    ...onDeno({ module: "contenders/pools/ours.ts", options: { pure: true } }),
  },
  "ours-impure": {
    name: "this project's pool, not pure",
    role: "ours",
    what: "the same where each call is answered by itself",
    ...onDeno({ module: "contenders/pools/ours.ts", options: { pure: false } }),
  },
  "ours-estimated": {
    name: "this project's pool, told how long",
    role: "ours",
    what: "calls declared pure, with `estimateMs`",
    ...onDeno({ module: "contenders/pools/ours.ts", options: { pure: true, estimated: true } }),
  },
  ...Object.fromEntries(WORKERS.map((size) => [`workers-${size}`, {
    name: `${size} workers`,
    role: "ours",
    runtime: "Deno",
    what: "this project's pool",
    program: deno("trials/scale.ts", [`${size}`], ["--allow-all"]),
  }])) as Record<`workers-${typeof WORKERS[number]}`, Contender>,
  ...Object.fromEntries(DEPTHS.map((depth) => [`depth-${depth}`, {
    name: `${depth.toLocaleString("en")} calls`,
    role: "ours",
    runtime: "Deno",
    what: "this project's pool",
    program: deno("trials/depth.ts", [`${depth}`], ["--allow-all"]),
  }])) as Record<`depth-${typeof DEPTHS[number]}`, Contender>,
  "ours-cached": {
    name: "this project",
    role: "ours",
    runtime: "Deno",
    what: "the service by the command of `deno task start`, with its cache",
    server: (size) => service({ WORKERS: String(size), LOG_LEVEL: "warning" }),
  },
  "ours-large": {
    name: "this project",
    role: "ours",
    runtime: "Deno",
    what: "the service by the command of `deno task start`, without its cache",
    server: (size) => service({ WORKERS: String(size), CACHE_MB: "0", LOG_LEVEL: "warning" }),
  },
  "ours-page": {
    name: "this project",
    role: "ours",
    runtime: "Deno",
    what: "the service by the command of `deno task start`, without its cache, and its page",
    needs: ["chromium"],
    server: (size) =>
      service({ WORKERS: String(size), CACHE_MB: "0", ALGORITHM: "naive", LOG_LEVEL: "warning" }),
  },
  comlink: {
    name: "bare Comlink",
    role: "peer",
    what: "round-robin over a fixed array of workers",
    ...onDeno({ module: "contenders/pools/comlink.ts" }),
  },
  ...Object.fromEntries(WINDOWS.map((window) => [`queue-${window}`, {
    name: `a queue over Comlink, ${window} a worker`,
    role: "peer",
    what: "25 lines: no deadline, no cancelling, no bound",
    ...onDeno({ module: "contenders/pools/queued_comlink.ts", options: { window } }),
  }])) as Record<`queue-${typeof WINDOWS[number]}`, Contender>,
  poolifier: {
    name: "poolifier-web-worker",
    role: "peer",
    what: "its fixed pool, default options",
    ...onDeno({ module: "contenders/pools/poolifier.ts" }),
    needs: ["peers"],
  },
  piscina: {
    name: "piscina",
    role: "peer",
    what: "default options",
    ...onNode({ module: "peers/piscina.mjs" }),
  },
  "piscina-4": {
    name: "piscina, 4 a worker",
    role: "peer",
    what: "`concurrentTasksPerWorker: 4`",
    ...onNode({ module: "peers/piscina.mjs", options: { concurrentTasksPerWorker: 4 } }),
  },
  tinypool: {
    name: "tinypool",
    role: "peer",
    what: "default options",
    ...onNode({ module: "peers/tinypool.mjs" }),
  },
  workerpool: {
    name: "workerpool",
    role: "peer",
    what: "on threads, default options",
    ...onNode({ module: "peers/workerpool.mjs" }),
  },
  tornado: {
    name: "Tornado",
    role: "peer",
    runtime: "Python",
    what: "`ProcessPoolExecutor`; the recursion runs in CPython",
    needs: ["tornado"],
    server: tornadoServer,
  },
  polled: {
    name: "polled workers",
    role: "naive",
    what: "each request looks for its result in every turn of the event loop",
    ...onDeno({ module: "contenders/pools/polled.ts", options: { pause: "turn" } }),
  },
  "polled-timer": {
    name: "polled workers, by timer",
    role: "naive",
    what: "each request looks for its result again and again, by `setTimeout(0)`",
    ...onDeno({ module: "contenders/pools/polled.ts", options: { pause: "timer" } }),
  },
  inline: {
    name: "no pool",
    role: "naive",
    what: "the event loop's own thread computes",
    ...onDeno({ module: "contenders/pools/inline.ts" }),
  },
  raw: {
    name: "raw messages",
    role: "limit",
    what: "one `postMessage` there and one back, nothing else",
    ...onDeno({ module: "contenders/pools/raw_messages.ts" }),
  },
  "comlink-64": {
    name: "Comlink, up to 64 calls a message",
    role: "limit",
    what: "everything called at once goes and comes together",
    ...onDeno({ module: "contenders/pools/batched_comlink.ts" }),
  },
  "hono-constant": {
    name: "Hono, constant answer",
    role: "limit",
    runtime: "Deno",
    what: "no worker, nothing computed",
    server: () => constantServer("hono"),
  },
  "deno-constant": {
    name: "Deno.serve, constant answer",
    role: "limit",
    runtime: "Deno",
    what: "no router, no worker, nothing computed",
    server: () => constantServer("deno"),
  },
  formatted: {
    name: "formatted on the main thread",
    role: "naive",
    runtime: "Deno",
    what: "the worker's bigint is cloned, and written out by the event loop's thread",
    server: () => largeServer("formatted"),
  },
  transferred: {
    name: "one transferred buffer",
    role: "peer",
    runtime: "Deno",
    what: "the worker's bytes are moved, and sent in one piece",
    server: () => largeServer("transferred"),
  },
  bigint: {
    name: "BigInt",
    role: "peer",
    runtime: "Deno",
    what: "textbook fast doubling, and `toString`",
    digits: "contenders/digits/bigint.ts",
  },
  gmp: {
    name: "GMP",
    role: "peer",
    runtime: "C",
    what: "`mpz_fib_ui` and `mpz_get_str`, called through `Deno.dlopen`",
    needs: ["gmp"],
    digits: "contenders/digits/gmp.ts",
  },
} as const satisfies Record<string, Contender>;

/** The name of one. */
export type ContenderId = keyof typeof CONTENDERS;
