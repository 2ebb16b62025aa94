import { ALGORITHM_NAMES, ALGORITHMS, DEFAULT_ALGORITHM } from "./fibonacci/mod.ts";
import { LOG_LEVELS } from "./log.ts";
import { defaultSize } from "./pool/mod.ts";

/** A setting has a value that is not allowed. `message` is one line that says which, and what is allowed. */
export class ConfigError extends Error {}

/** A setting. */
export interface Setting<T> {
  /** Its name in the environment. */
  readonly env: string;
  /** Its value if none is given. */
  readonly default: T;
  /** The default as documents show it, if it differs between machines. */
  readonly shownDefault?: string;
  /** What is allowed: the end of the sentence "must be ...". */
  readonly allowed: string;
  /** The same as documents show it, if it is a list that grows. */
  readonly shownAllowed?: string;
  /** What it means. */
  readonly help: string;
  /** Reads the value. Returns `undefined` if the text is not allowed. */
  readonly parse: (text: string) => T | undefined;
}

/** The longest delay of a timer. With one millisecond more it fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** All settings. Environment, flags, help text and the README's table are made of it. */
export const SETTINGS = {
  port: integer("PORT", 8000, [0, 65_535], "port to listen on; 0 picks a free one"),
  opsPort: integer(
    "OPS_PORT",
    0,
    [0, 65_535],
    "separate port for page, dashboard, events, metrics and health; 0 for none",
  ),
  host: {
    env: "HOST",
    default: "127.0.0.1",
    allowed: "a host name or an IP address",
    help: "address to listen on",
    parse: (text: string) => /^[\w.:%-]+$/.test(text) ? text : undefined,
  },
  workers: {
    ...integer("WORKERS", defaultSize(), [1, 256], "worker threads"),
    shownDefault: "navigator.hardwareConcurrency",
  },
  maxQueue: integer("MAX_QUEUE", 512, [0, Number.MAX_SAFE_INTEGER], "calls that may wait"),
  maxN: integer("MAX_N", 10_000_000, [0, ALGORITHMS[DEFAULT_ALGORITHM].maxN], "largest n answered"),
  deadlineMs: integer("DEADLINE_MS", 30_000, [1, MAX_TIMER_MS], "milliseconds a call may take"),
  cacheMb: integer("CACHE_MB", 64, [0, 1_048_576], "megabytes of answers kept; 0 for no cache"),
  algorithm: choice(
    "ALGORITHM",
    DEFAULT_ALGORITHM,
    ALGORITHM_NAMES,
    "algorithm where the request names none",
    "the name of an algorithm",
  ),
  graceMs: integer(
    "GRACE_MS",
    4500,
    [0, MAX_TIMER_MS],
    "longest time from a stop signal to the exit, in milliseconds",
  ),
  drainDelayMs: integer(
    "DRAIN_DELAY_MS",
    0,
    [0, MAX_TIMER_MS],
    "milliseconds of GRACE_MS in which /readyz fails and work is still taken",
  ),
  nice: integer(
    "NICE",
    5,
    [0, 19],
    "how far the workers' priority is below the event loop's, on Linux",
  ),
  trustedProxies: {
    env: "TRUSTED_PROXIES",
    default: "",
    allowed: "addresses and networks such as 10.0.0.0/8, separated by commas",
    help: "proxies whose Forwarded or X-Forwarded-For is trusted",
    parse: (text: string) => /^[\da-f.:/, ]+$/i.test(text) ? text : undefined,
  },
  corsOrigin: {
    env: "CORS_ORIGIN",
    default: "",
    allowed: "* or origins such as https://example.com, separated by commas",
    help: "other origins whose pages may read answers",
    parse: (text: string) =>
      text === "*" || text.split(",").every((origin) => URL.parse(origin)?.origin === origin)
        ? text
        : undefined,
  },
  logLevel: choice("LOG_LEVEL", "info", LOG_LEVELS, "lowest level that is logged"),
};

/** The values of {@linkcode SETTINGS}, each checked. */
export type Config = {
  readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]["default"];
};

const LIST: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** Where settings are read from. */
export interface ConfigSources {
  /** The command line, without the program. */
  readonly args: readonly string[];
  /** Reads an environment variable. Called only for settings without a flag on the command line. */
  readonly env: (name: string) => string | undefined;
}

/**
 * Reads the settings. A flag wins over the environment, the environment over the default.
 *
 * @returns The settings; `"help"` for `--help` or `-h`, else `"version"` for `--version`.
 * @throws {ConfigError} If an argument is unknown, a value is not allowed, the drain delay leaves nothing of the grace
 * period, or both ports are the same.
 */
export async function loadConfig(sources: ConfigSources): Promise<Config | "help" | "version"> {
  // `deno task` passes on the `--` that some put before a program's own arguments.
  const args = sources.args[0] === "--" ? sources.args.slice(1) : sources.args;
  const flags: Flags | "help" | "version" = args.length === 0 ? new Map() : await readFlags(args);
  if (typeof flags === "string") return flags;
  const valueOf = (setting: Setting<unknown>) => {
    const { env, allowed } = setting;
    const { source, text } = flags.get(flagOf(setting)) ?? { source: env, text: sources.env(env) };
    if (text === undefined) return setting.default;
    const value = setting.parse(text);
    if (value !== undefined) return value;
    throw new ConfigError(`${source} is ${JSON.stringify(text)}: must be ${allowed}`);
  };
  const entries = Object.entries(SETTINGS).map(([name, setting]) => [name, valueOf(setting)]);
  const config = Object.fromEntries(entries) as Config;
  const { drainDelayMs, graceMs, opsPort, port } = config;
  if (opsPort > 0 && opsPort === port) {
    throw new ConfigError(`OPS_PORT is ${opsPort}: must be another port than PORT`);
  }
  if (drainDelayMs > 0 && drainDelayMs >= graceMs) {
    const allowed = `less than GRACE_MS, ${graceMs}`;
    throw new ConfigError(`DRAIN_DELAY_MS is ${drainDelayMs}: must be ${allowed}`);
  }
  return config;
}

/** By flag, its text, and its name as the user wrote it. */
type Flags = ReadonlyMap<string, { readonly source: string; readonly text: string }>;

async function readFlags(args: readonly string[]): Promise<Flags | "help" | "version"> {
  // Imported on demand: it takes some milliseconds.
  const { parseArgs } = await import("node:util");
  const known = new Set(LIST.map(flagOf));
  const strings = [...known].map((flag) => [flag, { type: "string" }] as const);
  const { values, tokens } = parseArgs({
    args: [...args],
    options: {
      ...Object.fromEntries(strings),
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
    strict: false,
    tokens: true,
  });
  if (values.help) return "help";
  if (values.version) return "version";
  const flags = new Map<string, { source: string; text: string }>();
  for (const token of tokens) {
    if (token.kind === "option-terminator") continue;
    if (token.kind === "positional" || !known.has(token.name)) {
      const arg = JSON.stringify(args[token.index]);
      throw new ConfigError(`Unknown argument ${arg}: --help lists the settings`);
    }
    if (flags.has(token.name)) throw new ConfigError(`--${token.name} is given more than once`);
    // A value that looks like a flag is the next flag. The empty one is an error, whatever follows.
    const isFlag = !token.inlineValue && token.value?.startsWith("-");
    flags.set(token.name, { source: token.rawName, text: isFlag ? "" : token.value ?? "" });
    if (isFlag) break;
  }
  return flags;
}

/** Writes what `--help` prints. */
export function helpText(): string {
  const rows = LIST.map((setting) =>
    `  --${flagOf(setting).padEnd(15)} ${setting.env.padEnd(15)} ${setting.help}\n` +
    `${" ".repeat(36)}${setting.allowed}; default ${defaultOf(setting)}\n`
  );
  return `Settings, by flag (--port 8000, --port=8000) or environment (PORT=8000). Flags win.\n\n` +
    `${rows.join("")}${"  --help, -h".padEnd(36)}print this\n` +
    `${"  --version".padEnd(36)}print the version\n`;
}

/** Returns the default of a setting as documents show it. */
export function defaultOf(setting: Setting<unknown>): string {
  return setting.shownDefault ?? (String(setting.default) || "none");
}

/** Returns the flag of a setting, without hyphens in front. */
export function flagOf(setting: Setting<unknown>): string {
  return setting.env.toLowerCase().replaceAll("_", "-");
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
    allowed: `an integer from ${min}${max === Number.MAX_SAFE_INTEGER ? "" : ` to ${max}`}`,
    help,
    parse: (text) => {
      // Number() alone would take "8e3", "0x10" and " 8000".
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
  shownAllowed?: string,
): Setting<T> {
  return {
    env,
    default: byDefault,
    shownAllowed,
    allowed: `one of ${names.join(", ")}`,
    help,
    parse: (text) => names.find((name) => name === text),
  };
}
