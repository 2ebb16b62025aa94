import { parseArgs } from "node:util";
import { ConfigError, loadConfig } from "../../lib/config.ts";

/** How the cluster is started. */
export interface Options {
  /** How many instances of the service there are. */
  readonly instances: number;
  /** Worker threads of each. */
  readonly workers: number;
  /** Where the balancer listens. */
  readonly host: string;
  /** The balancer's port; 0 for any free one. */
  readonly port: number;
  /** Milliseconds that a call may take. */
  readonly deadlineMs: number;
  /** Milliseconds from a signal to the end of all, at most. */
  readonly graceMs: number;
  /** Milliseconds that an instance goes on taking work after it was told to stop. */
  readonly drainDelayMs: number;
}

/** Some more than health checks take to find out: two of them fail, 100 ms apart. */
const DRAIN_DELAY_MS = 500;
const MOST_INSTANCES = 64;

/** What `--help` prints. */
export const HELP = `deno task cluster [options]

  --instances N  instances of the service behind the balancer; default 3
  --port N       port of the balancer; 0 picks a free one; default PORT, or 8000
  --host NAME    address of the balancer; default HOST, or 127.0.0.1

The service's other settings are read from the environment, by each instance: see the README.
WORKERS is cores / instances by default, at least 1; DRAIN_DELAY_MS is ${DRAIN_DELAY_MS}.`;

/**
 * Reads the options.
 *
 * @param env The environment. Settings of the service that the cluster needs to know are checked here.
 * @param cores How many there are to be shared.
 * @returns The options, or `"help"` if `--help` or `-h` is among the arguments.
 * @throws {ConfigError} If an argument is unknown, or a value is not allowed.
 */
export async function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cores: number = navigator.hardwareConcurrency,
): Promise<Options | "help"> {
  const text = { type: "string" } as const;
  const { values: flags, tokens } = parseArgs({
    args: args[0] === "--" ? args.slice(1) : [...args],
    options: { instances: text, port: text, host: text, help: { type: "boolean", short: "h" } },
    strict: false,
    tokens: true,
  });
  if (flags.help) return "help";
  const known = ["instances", "port", "host"];
  const stray = tokens.find((token) => token.kind !== "option" || !known.includes(token.name));
  if (stray) {
    const arg = args[args[0] === "--" ? stray.index + 1 : stray.index];
    throw new ConfigError(`Unknown argument "${arg}": --help lists what there is`);
  }
  const count = String(flags.instances ?? 3);
  const instances = /^\d+$/.test(count) ? Number(count) : NaN;
  if (!(instances >= 1 && instances <= MOST_INSTANCES)) {
    throw new ConfigError(
      `--instances is "${count}": must be an integer from 1 to ${MOST_INSTANCES}`,
    );
  }
  const given = { DRAIN_DELAY_MS: String(DRAIN_DELAY_MS), ...env };
  // Its table knows names, defaults and ranges.
  const config = await loadConfig({
    args: (["port", "host"] as const).flatMap((name) =>
      flags[name] === undefined ? [] : [`--${name}=${flags[name]}`]
    ),
    env: (name) => given[name as keyof typeof given],
  });
  if (typeof config === "string") throw new TypeError("There are no such flags");
  const { host, port, deadlineMs, graceMs, drainDelayMs } = config;
  const workers = env.WORKERS === undefined
    ? Math.max(1, Math.floor(cores / instances))
    : config.workers;
  return { instances, workers, host, port, deadlineMs, graceMs, drainDelayMs };
}
