import { must, type Scenario } from "../scenario.ts";
import { Cluster } from "./cluster.ts";

/** Asked for at a time, and all of them by one path: one instance has to say no. */
const AT_ONCE = 50;
const EVERY_MS = 100;
const PATH = "/30?algorithm=naive";
const BODY = "832040";

export const refusals: Scenario = {
  needs: "haproxy",
  what:
    `Every ${EVERY_MS} ms ${AT_ONCE} calls for one path, behind which one worker computes and nobody may wait. ` +
    "`refused upstream` is what the instances have counted.",
  async *run({ seconds }) {
    await using cluster = await Cluster.start(3, { MAX_QUEUE: "0", CACHE_MB: "0", WORKERS: "1" });
    const asked: Promise<End>[] = [];
    for (const end = performance.now() + seconds * 1000; performance.now() < end;) {
      for (let i = 0; i < AT_ONCE; i++) {
        asked.push(ask(cluster.port));
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    const ends = await Promise.all(asked);
    const refused = ends.filter(({ status }) => status === 503).length;
    const upstream = await refusedByInstances(cluster);
    yield {
      asked: ends.length,
      answered: ends.filter(({ status }) => status === 200).length,
      refused,
      "refused upstream": upstream,
    };
    const wrong = ends.filter(({ isRight }) => !isRight);
    must(wrong.length === 0, `${wrong.length} ends are neither the number nor a whole refusal`);
    must(refused > 0, "Nobody was refused: nothing was tried");
    must(upstream === refused, `${refused} refusals were ${upstream} upstream`);
  },
};

interface End {
  readonly status: number;
  /** Whether it is the right number, or a refusal that says when to come back. */
  readonly isRight: boolean;
}

async function ask(port: number): Promise<End> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${PATH}`);
    const { status, headers } = response;
    const body = await response.text();
    const isRight = status === 200 ? body === BODY : status === 503 && headers.has("retry-after");
    return { status, isRight };
  } catch {
    // The connection was lost.
    return { status: 0, isRight: false };
  }
}

async function refusedByInstances(cluster: Cluster): Promise<number> {
  let sum = 0;
  for (const { url } of cluster.processes("instance")) {
    const text = await (await fetch(`${url}metrics`)).text();
    for (
      const [, count] of text.matchAll(
        /^http_requests_total\{.*route="\/:n.*status="503"\} (\d+)$/gm,
      )
    ) {
      sum += Number(count);
    }
  }
  return sum;
}
