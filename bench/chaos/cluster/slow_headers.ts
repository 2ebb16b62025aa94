import { ms } from "../overload.ts";
import { must, type Scenario } from "../scenario.ts";
import { Cluster } from "./cluster.ts";
import { type Entry, latencyMs, mustBeRight, record } from "./history.ts";
import { ask, isLong, SMALL } from "./traffic.ts";

const CLIENTS = 500;
/** `timeout http-request` of deploy/haproxy.cfg. */
const CUT_MS = 5_000;
/** How much later, or sooner, they may be cut: the balancer's timers and the bytes on their way. */
const SLACK_MS = 1_000;
/** Every so often each sends a byte more. */
const BYTE_EVERY_MS = 1_000;
/** The others' p99 may be more by as much as it is from run to run. */
const UNCHANGED_MS = 2;

const encoder = new TextEncoder();

export const slowHeaders: Scenario = {
  needs: "haproxy",
  what:
    `${SMALL.perSecond} small numbers a second are asked for: first without, then beside ${CLIENTS} clients that send ` +
    "one byte of their header a second, and come again when they are cut. `cut` tells after how long they were, at least " +
    "and at most. Milliseconds.",
  async *run(settings) {
    await using cluster = await Cluster.start();
    const { port } = cluster;
    const alone = await ask(SMALL, { ...settings, port });
    yield { slow: 0, ...row(alone) };
    let isOver = false;
    const cuts: number[] = [];
    const slow = Array.from({ length: CLIENTS }, async () => {
      do cuts.push(await cutAfterMs(port)); while (!isOver);
    });
    const beside = await ask(SMALL, { ...settings, port });
    isOver = true;
    await Promise.all(slow);
    const [first, last] = [Math.min(...cuts), Math.max(...cuts)];
    yield { slow: CLIENTS, ...row(beside), cut: `${first.toFixed()} to ${last.toFixed()}` };
    for (const [name, history] of Object.entries({ alone, beside })) {
      record(`slow-headers-${name}`, history, settings);
      mustBeRight(history);
    }
    must(first >= CUT_MS - SLACK_MS, `A client was cut after ${first} ms`);
    must(!isLong(settings) || last <= CUT_MS + SLACK_MS, `A client was not cut within ${last} ms`);
    const more = latencyMs(beside, 0.99) - latencyMs(alone, 0.99);
    must(!isLong(settings) || more <= UNCHANGED_MS, `Others' p99 is ${more} ms more`);
  },
};

function row(history: readonly Entry[]) {
  return {
    asked: history.length,
    p50: ms(latencyMs(history, 0.5)),
    p99: ms(latencyMs(history, 0.99)),
    max: ms(latencyMs(history, 1)),
  };
}

/** A client that never comes to the end of its header. @returns When its connection was closed. */
async function cutAfterMs(port: number): Promise<number> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const begin = performance.now();
  const send = (text: string) => connection.write(encoder.encode(text)).catch(() => {});
  send("GET /33 HTTP/1.1\r\nHost: localhost\r\nX-Slow: ");
  const timer = setInterval(() => send("x"), BYTE_EVERY_MS);
  try {
    const buffer = new Uint8Array(1_024);
    // It may be told why: 408.
    while (await connection.read(buffer) !== null);
  } catch {
    // It was reset.
  } finally {
    clearInterval(timer);
    connection.close();
  }
  return performance.now() - begin;
}
