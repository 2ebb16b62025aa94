import type { Clock } from "../clock.ts";
import { DeadlineExceededError } from "../errors.ts";
import type { Job } from "../job.ts";
import type { Slot } from "../workers/slot.ts";
import { dueAt, outOfTime, patience } from "./bounds.ts";
import { Deadlines } from "./deadlines.ts";

/** Notices when a job has not started, or is not done, by the time it should. */
export class Timekeeper {
  readonly #clock: Clock;
  readonly #tooLate: (job: Job) => void;
  readonly #expired: (job: Job, reason: DeadlineExceededError) => void;
  readonly #deadlines: Deadlines<Job>;

  /**
   * @param tooLate Called with a job that has waited for as long as it may, and has not been started.
   * @param expired Called with a job that was started and is not done in time.
   */
  constructor(
    clock: Clock,
    tooLate: (job: Job) => void,
    expired: (job: Job, reason: DeadlineExceededError) => void,
  ) {
    this.#clock = clock;
    this.#tooLate = tooLate;
    this.#expired = expired;
    this.#deadlines = new Deadlines(clock, (job) => this.#passed(job));
  }

  waits(job: Job): void {
    this.#deadlines.set(job, startBy(job), this.#clock.now());
  }

  /** A job is sent to a slot now. */
  sent(job: Job, slot: Slot, now: number): void {
    // An idle worker starts it at once. Behind another call it still waits for its start.
    const latest = slot.state === "idle" ? Infinity : startBy(job);
    this.#deadlines.set(job, Math.min(latest, dueAt(job, now)), now);
  }

  /** A job has run, and its listener still reads reports. Of its bounds only the deadline counts now. */
  reads(job: Job): void {
    job.started = true;
    this.waits(job);
  }

  forget(job: Job): void {
    this.#deadlines.delete(job);
  }

  close(): void {
    this.#deadlines.clear();
  }

  /**
   * The earliest bound of a job has passed. If the job was sent behind others, either bound may be the one that matters:
   * by when it has to start, or by when it has to be done. That depends on whether its worker has started it.
   */
  #passed(job: Job): void {
    const { sent } = job;
    const now = this.#clock.now();
    if (sent) {
      const { slot } = sent;
      const latest = startBy(job);
      // Its worker has not started it, and may still do so in time.
      if (latest > now && !slot.hasStarted(sent)) {
        return this.#deadlines.set(job, Math.min(latest, Math.max(now + 1, dueAt(job, now))), now);
      }
      if (!slot.withdraw(sent)) {
        const at = dueAt(job, sent.startedAt);
        // It was started in time, and may run until then.
        if (at > now) return this.#deadlines.set(job, at, now);
        return this.#expired(job, outOfTime(job, now));
      }
      job.sent = undefined;
    }
    if (job.started) this.#expired(job, new DeadlineExceededError(patience(job)));
    else this.#tooLate(job);
  }
}

/** By when a job has to start; once it has been started, by when it has to end. */
function startBy(job: Job): number {
  return job.submittedAt + patience(job);
}
