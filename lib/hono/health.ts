/**
 * What a supervisor asks: shall I restart you, shall I send you calls?
 *
 * @module
 */

import type { Health } from "@off-the-loop/pool";
import { drainingProblem, Problem } from "./problem.ts";

/** @throws {Problem} 503, if only a restart will help. */
export function requireHealthy({ healthy, reason = "It can't go on" }: Health): void {
  if (!healthy) throw new Problem(503, "failing", withoutPaths(reason));
}

/** @throws {Problem} 503, if a call made now could not be taken, or only to wait for a worker to start. */
export function requireReady(
  { ready, reason = "It takes no calls" }: Health,
  draining: boolean,
): void {
  if (draining) throw drainingProblem();
  if (!ready) throw new Problem(503, "not-ready", withoutPaths(reason), { "retry-after": "1" });
}

/** Where files are is nobody's business but the log's. */
function withoutPaths(message: string): string {
  return message.replaceAll(/\S*[/\\](?=[^/\\\s]+)/g, "");
}
