/**
 * Everything that can be configured: one table, from which come the environment names, the flags, the
 * help text and the table in the README.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { ALGORITHM_NAMES, type AlgorithmName, ALGORITHMS } from "./compute/mod.ts";
import type { LogLevel } from "./log.ts";
import { defaultSize } from "./pool/mod.ts";

/** A setting has a value that it can't have. `message` is one line that says which, and what it can have. */
export class ConfigError extends Error {
  /** Tells it from other errors where classes don't. */
  override readonly name = "ConfigError";
}

/** The settings of the service, each checked. */
export interface Config {
  /** TCP port; 0 for any free one. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** Worker threads. */
  readonly workers: number;
  /** Calls that may wait. */
  readonly maxQueue: number;
  /** Largest n answered. */
  readonly maxN: number;
  /** Milliseconds a call may take. */
  readonly deadlineMs: number;
  /** Megabytes (10^6 bytes) of answers kept; 0 for no cache. */
  readonly cacheMb: number;
  /** Algorithm where the request names none. */
  readonly algorithm: AlgorithmName;
  /** Milliseconds between being told to stop and stopping, at most. */
  readonly graceMs: number;
  /** How much priority workers give up, as Linux counts it. */
  readonly nice: number;
  /** Proxies whose word on their clients counts; "" for none. */
  readonly trustedProxies: string;
  /** Whose pages may read answers, as `Access-Control-Allow-Origin` takes it; "" for nobody's but our own. */
  readonly corsOrigin: string;
  /** Least level logged. */
  readonly logLevel: LogLevel;
}

interface Setting<T> {
  readonly env: string;
  readonly default: T;
  /** How the default is written down, if it is not the same everywhere. */
  readonly shownDefault?: string;
  /** What is allowed, as it ends the sentence "must be ...". */
  readonly allowed: string;
  readonly help: string;
  /** @returns The value, or `undefined` if the text is not one. */
  readonly parse: (text: string) => T | undefined;
}

/** The longest delay a timer takes: one millisecond more fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const LOG_LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/** The one table. */
const SETTINGS: { readonly [Name in keyof Config]: Setting<Config[Name]> } = {
  port: integer("PORT", 8000, [0, 65_535], "port to listen on; 0 picks a free one"),
  host: {
    env: "HOST",
    default: "127.0.0.1",
    allowed: "a host name or an IP address",
    help: "address to listen on",
    parse: (text) => /^[\w.:%-]+$/.test(text) ? text : undefined,
  },
  workers: {
    ...integer("WORKERS", defaultSize(), [1, 256], "worker threads"),
    shownDefault: "navigator.hardwareConcurrency",
  },
  maxQueue: integer("MAX_QUEUE", 512, [0, Number.MAX_SAFE_INTEGER], "calls that may wait"),
  maxN: integer("MAX_N", 10_000_000, [0, ALGORITHMS["fast-doubling"].maxN], "largest n answered"),
  deadlineMs: integer(
    "DEADLINE_MS",
    30_000,
    [1, MAX_TIMER_MS],
    "milliseconds a call may take; `Prefer: wait=SECONDS` asks for less",
  ),
  cacheMb: integer("CACHE_MB", 64, [0, 1_048_576], "megabytes of answers kept; 0 for no cache"),
  algorithm: choice(
    "ALGORITHM",
    "fast-doubling",
    ALGORITHM_NAMES,
    "algorithm where the request names none",
  ),
  graceMs: integer(
    "GRACE_MS",
    4500,
    [0, MAX_TIMER_MS],
    "milliseconds from a signal to stop to the end, at most",
  ),
  nice: integer(
    "NICE",
    5,
    [0, 19],
    "priority that workers give up to the event loop, on Linux; 0 for none",
  ),
  trustedProxies: {
    env: "TRUSTED_PROXIES",
    default: "",
    shownDefault: "none",
    allowed: "addresses and networks such as 10.0.0.0/8, separated by commas",
    help: "proxies that tell, by Forwarded or X-Forwarded-For, whose requests theirs are",
    parse: (text) => /^[\da-f.:/, ]+$/i.test(text) ? text : undefined,
  },
  corsOrigin: {
    env: "CORS_ORIGIN",
    default: "",
    shownDefault: "none",
    allowed: "* or origins such as https://example.com, separated by commas",
    help: "whose pages may read answers, beside our own",
    parse: (text) => text === "*" || text.split(",").every(isOrigin) ? text : undefined,
  },
  logLevel: choice("LOG_LEVEL", "info", LOG_LEVELS, "least level logged"),
};

/** Where settings are read from. */
export interface ConfigSources {
  /** The command line, without the program. */
  readonly args: readonly string[];
  /** Reads one environment variable. Called only for those without a flag on the command line. */
  readonly env: (name: string) => string | undefined;
}

/**
 * Reads the settings. A flag wins over the environment, the environment over the default.
 *
 * @returns The settings, or `"help"` if `--help` or `-h` is among the arguments.
 * @throws {ConfigError} If a flag or argument is unknown, or a value empty, malformed or out of range.
 *
 * @example
 * ```ts
 * import { assert, assertEquals } from "@std/assert";
 * import { loadConfig } from "./config.ts";
 *
 * const config = loadConfig({ args: ["--port", "0"], env: (name) => ({ MAX_N: "500" })[name] });
 * assert(config !== "help");
 * assertEquals(config.port, 0);
 * assertEquals(config.maxN, 500);
 * assertEquals(config.algorithm, "fast-doubling");
 * ```
 */
export function loadConfig(sources: ConfigSources): Config | "help" {
  const unknown: string[] = [];
  // A task hands on the `--` that some put before a program's own arguments.
  const args = sources.args[0] === "--" ? sources.args.slice(1) : sources.args;
  const settings = Object.entries(SETTINGS) as [string, Setting<unknown>][];
  const flags = parseArgs(args, {
    string: settings.map(([, setting]) => flagOf(setting)),
    boolean: ["help"],
    alias: { h: "help" },
    unknown: (arg) => unknown.push(arg) === 0,
  });
  if (flags.help) return "help";
  // What follows a bare `--` is stray as well: there is nothing to pass on to.
  const [stray] = [...unknown, ...flags._];
  if (stray !== undefined) {
    throw new ConfigError(`Unknown argument ${JSON.stringify(stray)}: --help lists what there is`);
  }
  const given = args.flatMap((arg) => /^--([a-z-]+)/.exec(arg)?.[1] ?? []);
  const twice = given.find((flag, i) => given.indexOf(flag) !== i);
  if (twice !== undefined) throw new ConfigError(`--${twice} is given more than once`);
  return Object.fromEntries(settings.map(([name, setting]) => {
    const flag = flags[flagOf(setting)];
    return flag === undefined
      ? [name, read(setting, setting.env, sources.env(setting.env))]
      : [name, read(setting, `--${flagOf(setting)}`, String(flag))];
  })) as unknown as Config;
}

/** Writes out what `--help` prints. */
export function helpText(): string {
  const rows = Object.values(SETTINGS).map((setting: Setting<unknown>) =>
    `  --${flagOf(setting).padEnd(12)} ${setting.env.padEnd(12)} ${setting.help}\n` +
    `${" ".repeat(30)}${setting.allowed}; default ${shownDefault(setting)}\n`
  );
  return `Settings, by flag (--port 8000, --port=8000) or environment (PORT=8000). Flags win.\n\n` +
    `${rows.join("")}  --help, -h${" ".repeat(18)}prints this\n`;
}

/** Writes out the README's table, aligned as `deno fmt` would. */
export function markdownTable(): string {
  const rows = [
    ["environment", "flag", "default", "meaning", "allowed"],
    ...Object.values(SETTINGS).map((setting: Setting<unknown>) => [
      `\`${setting.env}\``,
      `\`--${flagOf(setting)}\``,
      `\`${shownDefault(setting)}\``,
      setting.help,
      setting.allowed,
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const [head, ...body] = rows.map((row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |\n`
  );
  return `${head}| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n${body.join("")}`;
}

/** @param source The name of the setting as its author wrote it. */
function read<T>(setting: Setting<T>, source: string, text: string | undefined): T {
  if (text === undefined) return setting.default;
  const value = setting.parse(text);
  if (value !== undefined) return value;
  throw new ConfigError(`${source} is ${JSON.stringify(text)}: must be ${setting.allowed}`);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function flagOf(setting: Setting<unknown>): string {
  return setting.env.toLowerCase().replaceAll("_", "-");
}

function shownDefault(setting: Setting<unknown>): string {
  return setting.shownDefault ?? String(setting.default);
}

function integer(
  env: string,
  byDefault: number,
  [min, max]: [number, number],
  help: string,
): Setting<number> {
  return {
    env,
    default: byDefault,
    allowed: max === Number.MAX_SAFE_INTEGER
      ? `an integer from ${min}`
      : `an integer from ${min} to ${max}`,
    help,
    // Number() alone would take "8e3", "0x10" and " 8000".
    parse: (text) => {
      const value = /^\d+$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}

function choice<T extends string>(
  env: string,
  byDefault: NoInfer<T>,
  names: readonly T[],
  help: string,
): Setting<T> {
  return {
    env,
    default: byDefault,
    allowed: `one of ${names.join(", ")}`,
    help,
    parse: (text) => names.find((name) => name === text),
  };
}
