import type { Server } from "../runner/server.ts";
import { Asker } from "./asker.ts";
import type { Random } from "./random.ts";
import { must, type Scenario } from "./scenario.ts";
import { startService } from "./server.ts";

const LANES = 64;
/** The service is told to stop at some moment of so many milliseconds. */
const WITHIN_MS = 300;
/** What may be lost: what had only reached the kernel when the service closed the connection. */
const LOST_A_ROUND = 2;
/** A little more than the grace period. */
const END_MS = 6_000;

export const stops: Scenario = {
  what:
    `${LANES} connections ask for small calls one after the other, and the service is told to stop by SIGTERM at a random ` +
    "moment. `lost` are requests on open connections that were never answered; milliseconds.",
  async *run({ seconds, random }) {
    const end = performance.now() + seconds * 1000;
    const rounds: Awaited<ReturnType<typeof stop>>[] = [];
    do rounds.push(await stop(random)); while (performance.now() < end);
    const sum = (key: keyof typeof rounds[number]) =>
      rounds.reduce((sum, round) => sum + round[key], 0);
    const lost = sum("lost") / rounds.length;
    must(lost <= LOST_A_ROUND, `${lost} requests were lost a round, and may be ${LOST_A_ROUND}`);
    yield {
      rounds: rounds.length,
      answered: sum("answered"),
      refused: sum("refused"),
      lost: sum("lost"),
      "lost a round": lost.toFixed(1),
      "end, max": Math.round(Math.max(...rounds.map(({ endMs }) => endMs))),
    };
  },
};

async function stop(random: Random) {
  await using server = await startService();
  const asker = new Asker(server.port, LANES);
  const ends = { answered: 0, refused: 0, lost: 0 };
  const lanes = Array.from({ length: LANES }, () => ask(asker, ends));
  await new Promise((resolve) => setTimeout(resolve, random() * WITHIN_MS));
  const begin = performance.now();
  Deno.kill(server.program.pid, "SIGTERM");
  const code = await ended(server);
  const endMs = performance.now() - begin;
  must(code === 0, `The service ended with ${code}`);
  await Promise.all(lanes);
  return { ...ends, endMs };
}

/** Asks until the service says that it is about to end, or refuses connections. */
async function ask(asker: Asker, ends: { answered: number; refused: number; lost: number }) {
  for (;;) {
    const { end, body } = await asker.ask("/20?algorithm=naive");
    if (end === "refused") return;
    if (end === "200") {
      must(body === "6765", `/20 was answered with ${body}`);
      ends.answered++;
    } else if (end === "503") {
      ends.refused++;
      return;
    } else {
      must(end === "lost", `/20 was answered with ${end}`);
      ends.lost++;
    }
  }
}

async function ended({ program }: Server): Promise<number> {
  const timer = setTimeout(() => Deno.kill(program.pid, "SIGKILL"), END_MS);
  const { code } = await program.ended;
  clearTimeout(timer);
  return code;
}
