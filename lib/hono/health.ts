/**
 * The answers to a supervisor: whether to restart this service, and whether to send calls to it.
 *
 * @module
 */

import type { Health } from "@off-the-loop/pool";
import type { RequestLog } from "./request_log.ts";
import { drainingProblem, Problem } from "./problem.ts";

/** @throws {Problem} 503, if only a restart helps. */
export function requireHealthy(
  { healthy, reason = "It can't heal by itself" }: Health,
): void {
  if (!healthy) throw new Problem(503, "failing", withoutPaths(reason));
}

/** What clients are told in place of the reason. That may hold anything a `setup` has thrown. */
export const CANNOT_LOAD = "No worker can be loaded; the log says why";

/** Whether calls are to be sent here. */
export class Readiness {
  readonly #log: RequestLog;
  /** The reason that was logged last, while it lasts. */
  #logged: string | null = null;

  constructor(log: RequestLog) {
    this.#log = log;
  }

  /**
   * Logs each new reason why workers can't be loaded.
   *
   * @param loadFailure The pool's.
   * @throws {Problem} 503, if a call made now would be refused, or wait for a worker to start.
   */
  require(
    { ready, reason = "It takes no calls" }: Health,
    loadFailure: string | null,
    draining: boolean,
  ): void {
    if (draining) throw drainingProblem();
    if (loadFailure !== null && loadFailure !== this.#logged) this.#log.notReady(loadFailure);
    this.#logged = loadFailure;
    if (ready) return;
    const detail = loadFailure === null ? withoutPaths(reason) : CANNOT_LOAD;
    throw new Problem(503, "not-ready", detail, { "retry-after": "1" });
  }
}

/** Leaves out where files are: only the log tells that. */
function withoutPaths(message: string): string {
  return message.replaceAll(/\S*[/\\](?=[^/\\\s]+)/g, "");
}
