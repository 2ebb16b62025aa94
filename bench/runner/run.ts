import type { Case, Settings } from "../cases/mod.ts";
import { type ContenderId, CONTENDERS } from "../contenders/mod.ts";
import type { Contender } from "../contenders/contender.ts";
import type { Machine } from "./machine.ts";
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
 */
export async function runCase(
  subject: Case,
  rounds: number,
  settings: Settings,
  machine: Machine,
  tell: (text: string) => void,
): Promise<Run> {
  const leftOut: LeftOut[] = [];
  const samples: Sample[] = [];
  let running: ContenderId[] = [];

  const leaveOut = (contender: ContenderId, reason: string) => {
    leftOut.push({ contender, reason });
    tell(`${CONTENDERS[contender].name} is left out: ${reason}`);
  };

  for (const id of subject.contenders) {
    const { needs }: Contender = CONTENDERS[id];
    const reason = await missing(needs);
    if (reason) leaveOut(id, reason);
    else running.push(id);
  }
  for (let round = 1; round <= rounds; round++) {
    for (const contender of [...running]) {
      try {
        const values = await bounded(() =>
          subject.trial(contender, CONTENDERS[contender], settings)
        );
        samples.push({ round, contender, values });
        tell(`${round}/${rounds} ${CONTENDERS[contender].name} ${JSON.stringify(values)}`);
      } catch (error) {
        running = running.filter((id) => id !== contender);
        // The whole message is for who runs it: it may name what is only theirs.
        tell(String(error));
        leaveOut(contender, `it failed in round ${round}`);
      }
    }
    running.reverse();
  }
  return { machine, leftOut, samples };
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
