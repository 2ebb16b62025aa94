// A service whose workers all have more to do than they can: what it still does, and what it refuses.

import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { testWith } from "../permissions.ts";
import { type Answer, CALIBRATED, get, METRIC, untilMetrics } from "./client.ts";
import { NO_DEADLINE, type Service, STARTS_PROGRAMS, startService } from "./service.ts";
import { later, within } from "./waiting.ts";

/** With two, one would be kept for short calls. */
const WORKERS = 1;
/** For whatever needs no worker. Measured in milliseconds; this is for machines that are busy as well. */
const PROMPT_MS = 1_000;

/** A service on whose worker there is a call that takes minutes. */
interface BusyService extends AsyncDisposable {
  readonly service: Service;
  /** Hangs up on it. */
  free(): Promise<void>;
}

async function startBusyService(env: Record<string, string> = {}): Promise<BusyService> {
  const service = await startService({
    env: { WORKERS: String(WORKERS), ...NO_DEADLINE, ...env },
  });
  const controller = new AbortController();
  const { signal } = controller;
  const calls: Promise<Answer | undefined>[] = [];
  const free = async () => {
    controller.abort();
    const answers = await Promise.all(calls);
    assertEquals(answers.filter((answer) => answer !== undefined), []);
  };
  const stop = async () => {
    controller.abort();
    await Promise.all(calls);
    await service[Symbol.asyncDispose]();
  };
  try {
    await untilMetrics(service, CALIBRATED);
    for (let i = 0; i < WORKERS; i++) {
      calls.push(get(service, `/${50 + i}?algorithm=naive`, { signal }).catch(() => undefined));
    }
    await untilMetrics(service, { [METRIC.busy]: WORKERS });
    return { service, free, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Times an answer. */
async function timed(answer: Promise<Answer>): Promise<Answer & { ms: number }> {
  const startedAt = performance.now();
  return { ...await within(10_000, "answer", answer), ms: performance.now() - startedAt };
}

function assertProblem(answer: Answer, status: number, code: string): void {
  assertEquals(answer.headers.get("content-type"), "application/problem+json");
  assertEquals([answer.status, JSON.parse(answer.body).code], [status, code]);
}

testWith(STARTS_PROGRAMS, "a busy service says that it is healthy", async () => {
  await using busy = await startBusyService();
  for (let i = 0; i < 50; i++) {
    const { status, ms } = await timed(get(busy.service, "/healthz"));
    assertEquals(status, 200);
    assertLess(ms, PROMPT_MS);
  }
  await untilMetrics(busy.service, { [METRIC.busy]: WORKERS });
  await busy.free();
});

testWith(
  STARTS_PROGRAMS,
  "identical calls share one flight, and one place in the queue",
  async () => {
    const count = 20;
    await using busy = await startBusyService({ MAX_QUEUE: "1" });
    const { service } = busy;
    const answers = later(
      Promise.all(Array.from({ length: count }, () => get(service, "/30?algorithm=naive"))),
    );
    await untilMetrics(service, {
      [METRIC.misses]: WORKERS + 1,
      [METRIC.shared]: count - 1,
      [METRIC.queued]: 1,
    });
    await busy.free();
    const parts: string[] = [];
    for (const { status, body, headers } of await within(10_000, "answers", answers)) {
      assertEquals([status, body], [200, "832040"]);
      parts.push(headers.get("server-timing")!.split(",")[0]);
    }
    const expected = ["cache;desc=miss", ...Array(count - 1).fill("cache;desc=shared")];
    assertEquals(parts.sort(), expected);
  },
);

testWith(STARTS_PROGRAMS, "a full queue refuses at once, and says when to come again", async () => {
  await using busy = await startBusyService({ MAX_QUEUE: "1" });
  const { service } = busy;
  const waiting = later(get(service, "/30?algorithm=naive"));
  await untilMetrics(service, { [METRIC.queued]: 1 });
  const refused = await timed(get(service, "/31?algorithm=naive"));
  assertProblem(refused, 503, "overloaded");
  assertMatch(refused.headers.get("retry-after")!, /^[1-9]\d*$/);
  assertLess(refused.ms, PROMPT_MS);
  await busy.free();
  assertEquals((await within(10_000, "answer", waiting)).status, 200);
});

testWith(STARTS_PROGRAMS, "a client that prefers not to wait is told in time", async () => {
  await using busy = await startBusyService();
  const impatient = { headers: { prefer: "wait=1" } };
  const [queued, joined] = await Promise.all([
    // This one would have to wait for a worker;
    timed(get(busy.service, "/20?algorithm=naive", impatient)),
    // a worker is on this one.
    timed(get(busy.service, "/50?algorithm=naive", impatient)),
  ]);
  assertProblem(queued, 503, "overloaded");
  assertProblem(joined, 504, "deadline-exceeded");
  for (const { ms } of [queued, joined]) assertLess(ms, 1_000 + PROMPT_MS);
  await busy.free();
});
