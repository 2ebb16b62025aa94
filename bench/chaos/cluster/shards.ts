import { must, type Scenario } from "../scenario.ts";
import { Balanced } from "./balanced.ts";

const KEYS = 1_000;
/** How many at a time. */
const LANES = 16;
/** A fair share of the keys that a further instance takes, and what it may be more. */
const MOST_MOVED = 1.2 / 4;
/** No instance may have less, or more, of a fair share. */
const SHARE = [0.7, 1.3] as const;

export const shards: Scenario = {
  needs: "haproxy",
  what: `Which of three instances, then of four, is asked for each of ${KEYS} numbers.`,
  async *run() {
    const three = await owners(3);
    yield row(three, 3);
    const four = await owners(4);
    const moved = four.filter((owner, key) => owner !== three[key]).length / KEYS;
    yield { ...row(four, 4), moved: `${(100 * moved).toFixed(1)} %` };
    must(moved <= MOST_MOVED, `A fourth instance moves ${moved} of the keys`);
    const elsewhere = four.filter((owner, key) => owner !== three[key] && owner !== 3).length;
    must(elsewhere === 0, `${elsewhere} keys have moved between the old instances`);
  },
};

/** Who is asked for each key. */
async function owners(instances: number): Promise<number[]> {
  const handlers = Array.from({ length: instances }, (_, i) => () => new Response(`${i}`));
  await using balanced = await Balanced.start(handlers);
  const owners: number[] = [];
  let next = 0;
  const ask = async () => {
    while (next < KEYS) {
      const key = next++;
      const response = await fetch(balanced.at(`/${key}?algorithm=naive`));
      owners[key] = Number(await response.text());
    }
  };
  await Promise.all(Array.from({ length: LANES }, ask));
  return owners;
}

function row(owners: readonly number[], instances: number) {
  const shares = Array.from(
    { length: instances },
    (_, i) => owners.filter((owner) => owner === i).length / KEYS,
  );
  for (const share of shares) {
    must(share * instances >= SHARE[0] && share * instances <= SHARE[1], `A share is ${share}`);
  }
  return { instances, shares: shares.map((share) => `${(100 * share).toFixed(1)} %`).join(", ") };
}
