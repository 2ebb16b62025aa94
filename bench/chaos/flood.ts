import { Asker } from "./asker.ts";
import { must, type Row, type Scenario, type Settings } from "./scenario.ts";
import { startService } from "./server.ts";

const PATH = "/25?algorithm=naive";
const BODY = "75025";
const OTHERS = 9;
const LANES_OF_OTHERS = 4;
const LANES_OF_FLOOD = 256;
/** Until all have their connections. */
const SETTLE_MS = 500;

export const flood: Scenario = {
  what:
    `${OTHERS} clients ask for naive /25, 0.4 ms of work, ${LANES_OF_OTHERS} times at once each, one after the other: ` +
    `by themselves, and beside one that asks ${LANES_OF_FLOOD} times at once. A proxy tells who they are.`,
  async *run(settings) {
    const alone = await rates(0, settings);
    yield row("nobody", alone);
    const beside = await rates(LANES_OF_FLOOD, settings);
    yield {
      ...row("one", beside),
      "of alone": `${Math.round(100 * beside.others / alone.others)} %`,
    };
  },
};

function row(beside: string, { others, flood }: { others: number; flood: number }): Row {
  return {
    flood: beside,
    "others/s": Math.round(others),
    "flood/s": Math.round(flood),
    "of alone": "",
  };
}

/** How many answers a second the others get, and the one that floods. */
async function rates(lanesOfFlood: number, { seconds }: Settings) {
  await using server = await startService({ TRUSTED_PROXIES: "127.0.0.1" });
  const counts = { others: 0, flood: 0 };
  let isCounting = false;
  let isOver = false;
  const clients = Array.from({ length: OTHERS + 1 }, (_, i) => {
    const kind = i < OTHERS ? "others" : "flood";
    const lanes = kind === "others" ? LANES_OF_OTHERS : lanesOfFlood;
    const asker = new Asker(server.port, lanes, `192.0.2.${i + 1}`);
    const asking = Array.from({ length: lanes }, async () => {
      while (!isOver) {
        const { end, body } = await asker.ask(PATH);
        if (isOver) return;
        must(end === "200" || end === "503", `/25 was answered with ${end}`);
        must(end !== "200" || body === BODY, `/25 was answered with ${body}`);
        if (isCounting && end === "200") counts[kind]++;
      }
    });
    return { asker, asking };
  });
  await pause(SETTLE_MS);
  isCounting = true;
  await pause(seconds * 1000);
  isOver = true;
  for (const { asker } of clients) asker.giveUp();
  await Promise.all(clients.flatMap(({ asking }) => asking));
  return { others: counts.others / seconds, flood: counts.flood / seconds };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
