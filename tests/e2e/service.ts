/**
 * The service as a stranger would start it: a process of its own, started with `deno task start`, known by
 * what it prints, answers and exits with.
 *
 * ```
 *  test ── signals ──► deno task start ── passes them on ──► deno run … main.ts
 *       ◄─ exit code ─        (pid)       ◄─── exit code ──     (servicePid)
 *       ◄─────────────────── stdout, stderr ────────────────────────┘
 * ```
 *
 * @module
 */

import denoJson from "../../deno.json" with { type: "json" };
import { Lines } from "./lines.ts";
import { childrenOf, kill } from "./processes.ts";
import { within } from "./waiting.ts";

/** What a test that starts programs needs. */
export const STARTS_PROGRAMS = [
  { name: "run" },
  { name: "net" },
  { name: "read" },
  { name: "env" },
] as const satisfies readonly Deno.PermissionDescriptor[];

/** What `deno task start` runs, word by word. */
const START_COMMAND = denoJson.tasks.start.command.split(" ");

/** Its permission flags. */
export const PERMISSION_FLAGS: readonly string[] = START_COMMAND.filter((word) =>
  word.startsWith("--allow-")
);

/** The settings that the service may read from its environment. None reaches it from the tests' own. */
const SETTINGS = PERMISSION_FLAGS.find((flag) => flag.startsWith("--allow-env="))!
  .replace("--allow-env=", "").split(",");

const ROOT = new URL("../../", import.meta.url);

/** Far more than a start takes on a busy machine. */
const START_MS = 20_000;
/** How long a program that was told to end at once may take. */
const END_MS = 5_000;

/** A process: Deno, or what Deno has made. */
export class Program implements AsyncDisposable {
  readonly stdout: Lines;
  readonly stderr: Lines;
  /** Resolves when the process has ended and everything that it wrote is read. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #process: Deno.ChildProcess;
  #running = true;

  /**
   * Starts a program.
   *
   * @param folder Default: the project's.
   * @param before What a shell does first: set a limit, say.
   * @param program Default: `deno`.
   */
  constructor(
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    folder: string | URL = ROOT,
    before?: string,
    program = Deno.execPath(),
  ) {
    const shell = ["-c", `${before} && exec "$0" "$@"`, program];
    this.#process = new Deno.Command(before === undefined ? program : "sh", {
      args: before === undefined ? [...args] : [...shell, ...args],
      cwd: folder,
      clearEnv: true,
      env: { ...environment(), ...env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stdout = new Lines(this.#process.stdout);
    this.stderr = new Lines(this.#process.stderr);
    this.status = this.#end();
  }

  /** The id of what was started: for a task, the task's. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Sends a signal to what was started, unless it has ended. */
  signal(signal: Deno.Signal): void {
    if (!this.#running) return;
    try {
      this.#process.kill(signal);
    } catch (error) {
      // It has ended, and `#end` has yet to hear of it.
      if (!(error instanceof TypeError)) throw error;
    }
  }

  /** Sends a signal again and again until the process has ended: two at once may arrive as one. */
  async insist(signal: Deno.Signal): Promise<Deno.CommandStatus> {
    this.signal(signal);
    const timer = setInterval(() => this.signal(signal), 50);
    try {
      return await within(END_MS, `end after ${signal}`, this.status);
    } finally {
      clearInterval(timer);
    }
  }

  /**
   * Ends the process if it still runs: with signals, the second of which a service obeys at once.
   *
   * @throws {Error} If it had to be killed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.insist("SIGTERM");
    } catch (error) {
      // A task that is killed leaves its child behind.
      for (const pid of [...childrenOf(this.pid), this.pid]) kill(pid);
      throw error;
    }
  }

  async #end(): Promise<Deno.CommandStatus> {
    const status = await this.#process.status;
    this.#running = false;
    await Promise.all([this.stdout.ended, this.stderr.ended]);
    return status;
  }
}

/** What the service says on stdout when it is ready. */
export interface ReadyLine {
  readonly url: string;
  /** Where the operator's routes are, if they have a port of their own. */
  readonly ops?: string;
  readonly workers: number;
  readonly readyMs: number;
}

/** The service, ready. */
export class Service extends Program {
  #ready: ReadyLine | undefined;

  /**
   * Runs the task. `started` waits until it is ready.
   *
   * @param program What to run in its place: a compiled service.
   */
  constructor(
    args: readonly string[],
    env?: Readonly<Record<string, string>>,
    folder?: string | URL,
    before?: string,
    program?: string,
  ) {
    super(program ? args : ["task", "start", ...args], env, folder, before, program);
  }

  /** What it said when it was ready. */
  get ready(): ReadyLine {
    return this.#ready!;
  }

  /** @returns Its address with a path that starts with a slash. */
  at(path: string): string {
    return new URL(path, this.ready.url).href;
  }

  /** Opens a connection to it. */
  connect(): Promise<Deno.TcpConn> {
    return Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(this.ready.url).port) });
  }

  /** The id of the process behind the task; `undefined` where the system doesn't tell. */
  get servicePid(): number | undefined {
    return childrenOf(this.pid)[0];
  }

  /** What it logged so far: stderr without what the tasks say. */
  get log(): string[] {
    return withoutTasks(this.stderr.all);
  }

  /** Waits for a line of the log. */
  async logged(message: string): Promise<void> {
    const found = this.stderr.find((line) => line.includes(`"message":"${message}"`));
    if (await within(START_MS, `"${message}" in the log`, found) === undefined) {
      throw new Error(`Service ended without logging "${message}"`);
    }
  }

  /** Waits for the ready line. */
  async started(): Promise<void> {
    const line = await within(START_MS, "ready line", this.stdout.find(() => true));
    if (line === undefined) throw new Error(`Service did not start: ${this.stderr.all.join("\n")}`);
    this.#ready = JSON.parse(line);
  }
}

/**
 * Settings under which calls may take as long as they like: 25 days, the longest deadline there is. A lower one
 * would be a guess at how slow a machine may seem to the service, which refuses what it could not do in time.
 */
export const NO_DEADLINE = { DEADLINE_MS: String(2 ** 31 - 1) };

/** How to start the service. */
export interface ServiceOptions {
  /** Beside the port, which is always a free one. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where its `deno.json` is. Default: the project's folder. */
  readonly folder?: string | URL;
  /** What a shell does first. */
  readonly before?: string;
  /** What to run in the task's place. */
  readonly program?: string;
}

/** Starts the service and waits until it is ready. */
export async function startService(options: ServiceOptions = {}): Promise<Service> {
  const { args = [], env, folder, before, program } = options;
  const service = new Service(["--port", "0", ...args], env, folder, before, program);
  try {
    await service.started();
    return service;
  } catch (error) {
    await service[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * What a service wrote to stderr. Before it, `deno task` tells that it is started, and that it was built or didn't
 * have to be.
 */
export function withoutTasks(stderr: readonly string[]): string[] {
  return stderr.slice(stderr.findIndex((line) => line.startsWith("Task start ")) + 1);
}

function environment(): Record<string, string> {
  const own = Object.entries(Deno.env.toObject());
  const passed = own.filter(([name]) => !SETTINGS.includes(name) && !name.startsWith("OTEL_"));
  return { ...Object.fromEntries(passed), NO_COLOR: "1" };
}
