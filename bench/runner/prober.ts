import { Connection } from "./connection.ts";

/** What a {@linkcode probe} saw. */
export interface Probes {
  /** Milliseconds from each request to its answer. */
  readonly latenciesMs: readonly number[];
  /** How much later than planned the latest request was sent: the prober's own lateness. */
  readonly latestMs: number;
}

/**
 * Asks for `path` at fixed moments, whether or not earlier requests are answered: an open loop. Whoever waits
 * for one answer before he sends the next doesn't ask while the server stalls, and so doesn't see it stall
 * (coordinated omission). Each request has a connection to itself while it is under way.
 *
 * A latency is taken from when its request was sent; that the prober itself was late is no fault of the
 * server's, and told apart.
 */
export async function probe(
  port: number,
  path: string,
  { everyMs, forMs }: { everyMs: number; forMs: number },
): Promise<Probes> {
  const idle: Connection[] = [];
  const all: Connection[] = [];
  const latenciesMs: number[] = [];
  let latestMs = 0;

  async function ask() {
    let connection = idle.pop();
    if (!connection) all.push(connection = await Connection.open(port));
    const begin = performance.now();
    const { status } = await connection.get(path);
    latenciesMs.push(performance.now() - begin);
    if (status !== 200) throw new Error(`${path} was answered with ${status}`);
    idle.push(connection);
  }

  const asked: Promise<void>[] = [];
  let failure: unknown;
  const begin = performance.now();
  for (let planned = 0; planned < forMs; planned += everyMs) {
    const wait = begin + planned - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    latestMs = Math.max(latestMs, performance.now() - begin - planned);
    asked.push(ask().catch((error) => failure ??= error));
  }
  await Promise.all(asked);
  for (const connection of all) connection[Symbol.dispose]();
  if (failure) throw failure;
  return { latenciesMs, latestMs };
}
