/** Where the time of an answer went, by its `Server-Timing`. */
export interface ServerTiming {
  readonly cache: string;
  /** In milliseconds, as are the others. */
  readonly queueMs: number;
  readonly computeMs: number;
  readonly transferMs: number;
  /** Which worker answered, from 0; `undefined` if none did. */
  readonly worker: number | undefined;
}

/**
 * Reads what the service writes.
 */
export function parseServerTiming(header: string | null): ServerTiming {
  const metrics = new Map(
    header?.split(",").map((metric) => {
      const [name, value] = metric.trim().split(/;(?:dur|desc)=/);
      return [name, value];
    }),
  );
  const number = (name: string) => Number(metrics.get(name) ?? 0);
  return {
    cache: metrics.get("cache") ?? "off",
    queueMs: number("queue"),
    computeMs: number("compute"),
    transferMs: number("transfer"),
    worker: metrics.has("worker") ? number("worker") : undefined,
  };
}

/** A part of an answer's time. */
export interface Phase {
  readonly name: "queue" | "compute" | "transfer" | "network";
  readonly ms: number;
}

/**
 * Divides the time that a client waited.
 *
 * @param totalMs From the request to the end of the body. What the service doesn't account for is the
 * network's, and the browsers' and the server's handling of HTTP.
 */
export function phasesOf(timing: ServerTiming, totalMs: number): readonly Phase[] {
  const { queueMs, computeMs, transferMs } = timing;
  return [
    { name: "queue", ms: queueMs },
    { name: "compute", ms: computeMs },
    { name: "transfer", ms: transferMs },
    { name: "network", ms: Math.max(0, totalMs - queueMs - computeMs - transferMs) },
  ];
}
