/**
 * Programs of a trial. Whatever was started is ended, by its id, with whatever it started itself: at the end
 * of its scope, after too long a time, or when the run is interrupted.
 *
 * @module
 */

/** What to run. The environment is the run's own, with `env` over it. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How long a program may take to end once it was asked to. */
const END_MS = 1_000;

/** The ids of those that run. */
const running = new Set<number>();

/** Everything under the root of the repository is run from there, so that `deno.json` is found. */
export const ROOT: URL = new URL("../../", import.meta.url);

/** A program that runs until it is disposed of. */
export class Program implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #lines: ReadableStreamDefaultReader<string> | undefined;
  /** The last of what it wrote to stderr, for whoever wants to know why it failed. */
  complaint = "";

  /**
   * @param talk Whether it is to be spoken with, by lines on stdin and stdout.
   * @param onStderr Hears what it writes to stderr, in pieces of any length.
   */
  constructor(command: Command, talk = false, onStderr: (text: string) => void = () => {}) {
    const piped = talk ? "piped" : "null";
    this.#child = spawn(command, { stdin: piped, stdout: piped, stderr: "piped" });
    if (talk) {
      this.#stdin = this.#child.stdin.getWriter();
      this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    }
    this.#listen(onStderr);
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Resolves when it has ended, by itself or not. */
  get ended(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  /**
   * Sends it an empty line.
   *
   * @param key What its answer has: it may have more to say on stdout, such as that it is ready.
   * @returns The JSON it answers.
   */
  async ask(key: string): Promise<unknown> {
    await this.#stdin!.write(new Uint8Array([10]));
    for (;;) {
      const { value, done } = await this.#lines!.read();
      if (done) throw new Error(`Program ended: ${this.complaint}`);
      for (const line of value.split("\n").filter((line) => line.startsWith("{"))) {
        const answer = JSON.parse(line);
        if (key in answer) return answer;
      }
    }
  }

  /** Its processes: itself and, on Linux, what it started. */
  processes(): number[] {
    return [this.pid, ...descendants(this.pid)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pids = this.processes();
    kill(this.pid, "SIGTERM");
    const timer = setTimeout(() => kill(this.pid, "SIGKILL"), END_MS);
    await this.ended;
    clearTimeout(timer);
    for (const pid of pids.slice(1)) kill(pid, "SIGKILL");
    await this.#stdin?.abort().catch(() => {});
    await this.#lines?.cancel();
  }

  async #listen(onStderr: (text: string) => void): Promise<void> {
    for await (const text of this.#child.stderr.pipeThrough(new TextDecoderStream())) {
      this.complaint = (this.complaint + text).slice(-2_000);
      onStderr(text);
    }
  }
}

/** Runs a program to its end. @returns Its stdout. @throws {Error} If it fails or takes too long. */
export async function output(command: Command, timeoutMs = 60_000): Promise<string> {
  const child = spawn(command, { stdin: "null", stdout: "piped", stderr: "piped" });
  const timer = setTimeout(() => kill(child.pid, "SIGKILL"), timeoutMs);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (success) return text(stdout);
  const { program, args } = command;
  throw new Error(`${program} ${args.join(" ")} failed: ${text(stderr).slice(-2_000)}`);
}

/** Ends everything that is still running, at once. */
export function killAll(): void {
  for (const pid of [...running].flatMap((pid) => [pid, ...descendants(pid)])) kill(pid, "SIGKILL");
}

function spawn({ program, args, env }: Command, stdio: Deno.CommandOptions): Deno.ChildProcess {
  const child = new Deno.Command(program, {
    ...stdio,
    args: [...args],
    env: { ...env, NO_COLOR: "1" },
    cwd: ROOT,
  }).spawn();
  running.add(child.pid);
  child.status.then(() => running.delete(child.pid));
  return child;
}

/** @returns A port that nothing listens on. Somebody else could take it: then the trial fails. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function kill(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

/** All that a process has started, directly or not. None where there is no /proc. */
function descendants(root: number): number[] {
  const children = new Map<number, number[]>();
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const parent = statOf(`/proc/${name}/stat`)?.[1];
      if (parent === undefined) continue;
      children.set(Number(parent), [...children.get(Number(parent)) ?? [], Number(name)]);
    }
  } catch {
    return [];
  }
  const under = (pid: number): number[] =>
    (children.get(pid) ?? []).flatMap((child) => [child, ...under(child)]);
  return under(root);
}

/** The fields of a stat file of /proc from the third (the state) on; the second may hold anything. */
export function statOf(path: string): string[] | undefined {
  try {
    const text = Deno.readTextFileSync(path);
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
