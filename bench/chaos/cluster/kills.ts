import { ms } from "../overload.ts";
import type { Random } from "../random.ts";
import { must, type Row, type Scenario, type Settings } from "../scenario.ts";
import { Cluster } from "./cluster.ts";
import { type Entry, latencyMs, mustBeRight, nOf, record } from "./history.ts";
import { ask, isLong, SMALL, SMALL_P99_MS, type Traffic } from "./traffic.ts";

const EVERY_MS = 2_000;

/** The calls that take longest, some 0.25 s, and how many more there are of one less. */
const MOST = 37;
const LEAST = 25;
const GOLDEN = (1 + Math.sqrt(5)) / 2;
const GOES_ON = GOLDEN ** -0.75;

/** Calls of 1 to 250 ms, fewer the longer they are. */
const MIXED: Traffic = {
  perSecond: 40,
  path(random) {
    let n = LEAST;
    while (n < MOST && random() < GOES_ON) n++;
    return pathOf(n, random);
  },
};

/** With a zero more it is another path, maybe another instance, and the same work. */
function pathOf(n: number, random: Random): string {
  return `/${"0".repeat(Math.floor(random() * 60))}${n}?algorithm=naive`;
}

export const kills: Scenario = {
  needs: "haproxy",
  what:
    `Every ${
      EVERY_MS / 1000
    } s one of three instances behind the balancer is killed (SIGKILL), while ${SMALL.perSecond} ` +
    "small numbers a second are asked for. Milliseconds.",
  async *run(settings) {
    await using cluster = await Cluster.start();
    const [small, killed] = await killing(cluster, settings, (at) => ask(SMALL, at));
    record("kills", small, settings);
    yield { killed, ...row("small", small) };
    mustBeRight(small);
    must(killed > 0, "Nobody was killed: nothing was tried");
    const p99 = latencyMs(small, 0.99);
    must(!isLong(settings) || p99 <= SMALL_P99_MS, `p99 is ${p99} ms`);
  },
};

export const killsMixed: Scenario = {
  needs: "haproxy",
  what:
    `The same, with ${MIXED.perSecond} calls a second of 1 to 250 ms, fewer the longer they are; ` +
    "two workers in each instance, and no cache. First nobody is killed: `late` are those that took more than twice their " +
    "work and 100 ms, and most of them have waited for another long call in their instance.",
  async *run(settings) {
    await using cluster = await Cluster.start(3, { WORKERS: "2", CACHE_MB: "0" });
    const mostMs = await workMs(cluster.port, settings);
    const both = (at: At) => Promise.all([ask(SMALL, at), ask(MIXED, at)]);
    const spared: Killing<Entry[][]> = async ({ port }, settings, run) => [
      await run({ ...settings, port }),
      0,
    ];
    for (const kill of [spared, killing<Entry[][]>]) {
      const [[small, mixed], killed] = await kill(cluster, settings, both);
      yield { killed, ...row("small", small) };
      const late = mixed.filter(({ path, ms }) =>
        ms > 2 * mostMs * GOLDEN ** (nOf(path) - MOST) + 100
      );
      yield { killed, ...row("1 to 250", mixed), late: late.length };
      for (const [name, history] of Object.entries({ small, mixed })) {
        record(`kills-mixed-${killed > 0 ? "killing" : "sparing"}-${name}`, history, settings);
        mustBeRight(history);
      }
      must(kill === spared || killed > 0, "Nobody was killed: nothing was tried");
    }
  },
};

/** Where, how long and by what chance something is asked for. */
interface At {
  readonly port: number;
  readonly seconds: number;
  readonly random: Random;
}

/** Does something while instances are killed. @returns Its result, and how many were killed. */
type Killing<T> = (
  cluster: Cluster,
  settings: Settings,
  run: (at: At) => Promise<T>,
) => Promise<[T, number]>;

/** Kills one instance after the other. */
async function killing<T>(
  ...[cluster, settings, run]: Parameters<Killing<T>>
): Promise<[T, number]> {
  let killed = 0;
  const timer = setInterval(() => {
    const instances = cluster.processes("instance");
    // Its successor may have yet to be ready. The next time it has.
    cluster.replace(instances[killed++ % instances.length], "SIGKILL").catch(() => killed--);
  }, EVERY_MS);
  try {
    return [await run({ ...settings, port: cluster.port }), killed];
  } finally {
    clearInterval(timer);
  }
}

function row(calls: string, history: readonly Entry[]): Row {
  return {
    calls,
    asked: history.length,
    p50: ms(latencyMs(history, 0.5)),
    p99: ms(latencyMs(history, 0.99)),
    max: ms(latencyMs(history, 1)),
  };
}

/** What the longest calls take by themselves, in milliseconds: the least of three. */
async function workMs(port: number, { random }: Settings): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 3; i++) {
    const begin = performance.now();
    const path = pathOf(MOST, random);
    await (await fetch(`http://127.0.0.1:${port}${path}`)).body?.cancel();
    least = Math.min(least, performance.now() - begin);
  }
  return least;
}
