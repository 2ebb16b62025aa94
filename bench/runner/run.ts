import type { Case, Settings } from "../cases/mod.ts";
import { type ContenderId, CONTENDERS } from "../contenders/mod.ts";
import type { Contender } from "../contenders/contender.ts";
import { missing } from "./needs.ts";
import { killAll } from "./process.ts";
import type { LeftOut, Run, Sample } from "./raw.ts";

/** How long a trial may take: several times what the longest does. */
const TRIAL_MS = 120_000;

/**
 * Runs a case: every contender once a round, in the order of the case and in each second round backwards, so
 * that what the machine does over time (or what one leaves behind for the next) falls on all alike.
 *
 * A contender that can't run here, or fails, is left out from then on, and the reason kept.
 *
 * @param run What there is already: nothing but the machine, or rounds that more are added to.
 * @returns The run after each of its new rounds.
 */
export async function* runCase(
  subject: Case,
  run: Run,
  { rounds, tell, ...settings }: Settings & { rounds: number; tell: (text: string) => void },
): AsyncGenerator<Run> {
  const leftOut: LeftOut[] = [...run.leftOut];
  const samples: Sample[] = [...run.samples];

  const leaveOut = (contender: ContenderId, reason: string) => {
    leftOut.push({ contender, reason });
    tell(`${CONTENDERS[contender].name} is left out: ${reason}`);
  };
  const running = () =>
    subject.contenders.filter((id) => !leftOut.some(({ contender }) => id === contender));

  for (const id of running()) {
    const { needs }: Contender = CONTENDERS[id];
    const reason = await missing(needs);
    if (reason) leaveOut(id, reason);
  }
  const before = Math.max(0, ...samples.map(({ round }) => round));
  for (let round = before + 1; round <= before + rounds; round++) {
    const order = round % 2 === 1 ? running() : running().reverse();
    for (const contender of order) {
      try {
        const values = await bounded(() =>
          subject.trial(contender, CONTENDERS[contender], settings)
        );
        samples.push({ round, contender, values });
        tell(`${round} ${CONTENDERS[contender].name} ${JSON.stringify(values)}`);
      } catch (error) {
        // The whole message is for who runs it: it may name what is only theirs.
        tell(String(error));
        leaveOut(contender, `it failed in round ${round}`);
      }
    }
    yield { machine: run.machine, leftOut: [...leftOut], samples: [...samples] };
  }
}

/** Ends whatever hangs: then the trial fails, as all that it could be waiting for is gone. */
async function bounded<T>(trial: () => Promise<T>): Promise<T> {
  const timer = setTimeout(killAll, TRIAL_MS);
  try {
    return await trial();
  } finally {
    clearTimeout(timer);
  }
}
