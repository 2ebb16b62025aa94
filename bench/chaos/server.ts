import { alike, service } from "../contenders/commands.ts";
import { Server } from "../runner/server.ts";

/** Starts the service by the command of `deno task start`, with a worker a core and no cache. */
export function startService(
  env: Record<string, string> = {},
  flags: readonly string[] = [],
): Promise<Server> {
  const { args: [run, ...args], ...command } = service({
    CACHE_MB: "0",
    LOG_LEVEL: "error",
    ...env,
  });
  return Server.start({ ...command, args: [run, ...flags, ...args] });
}

/** What the control is: see there. */
export function startControl(): Promise<Server> {
  return Server.start(alike("servers/control.ts"));
}

/** Sums up the values of a metric, over those of its lines that have all the labels. */
export async function metric(server: Server, name: string, ...labels: string[]): Promise<number> {
  const { body } = await server.get("/metrics");
  const lines = body.split("\n").filter((line) =>
    line.startsWith(name) && labels.every((label) => line.includes(label))
  );
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
