import { cluster } from "../../contenders/commands.ts";
import { Program } from "../../runner/process.ts";
import { must } from "../scenario.ts";

/** A process of the cluster. */
export interface Process {
  readonly role: string;
  readonly pid: number;
  readonly url: string;
}

/** How long a cluster that was told to end may take. Its grace period is shorter. */
const END_MS = 10_000;

/** `deno task cluster`, from its start to its end. */
export class Cluster implements AsyncDisposable {
  readonly #program: Program;
  readonly #processes = new Map<string, Process>();
  #port = 0;
  #unread = "";
  #changed = Promise.withResolvers<void>();

  private constructor(instances: number, env: Record<string, string>) {
    const command = cluster(instances, { LOG_LEVEL: "error", ...env });
    this.#program = new Program(command, true, (text) => this.#hear(text));
  }

  /**
   * Starts a cluster and waits until it is ready.
   *
   * @param env Settings of the instances.
   */
  static async start(instances = 3, env: Record<string, string> = {}): Promise<Cluster> {
    const self = new Cluster(instances, env);
    try {
      const { url, processes } = await self.#program.ask("processes") as {
        url: string;
        processes: Process[];
      };
      self.#port = Number(new URL(url).port);
      for (const process of processes) self.#processes.set(process.url, process);
      return self;
    } catch (error) {
      await self[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The balancer's port. */
  get port(): number {
    return this.#port;
  }

  /** The cluster's own process. */
  get program(): Program {
    return this.#program;
  }

  /** Those that are ready as far as is known, in the order of the ready line. */
  processes(role: string): Process[] {
    return [...this.#processes.values()].filter((process) => process.role === role);
  }

  /** Sends a signal to a process. @returns Resolves when another one is ready in its place. */
  async replace({ pid, url }: Process, signal: Deno.Signal): Promise<void> {
    Deno.kill(pid, signal);
    while (this.#processes.get(url)!.pid === pid) await this.#changed.promise;
  }

  /** Ends it. @returns Its exit code. */
  async stop(signal: Deno.Signal = "SIGTERM"): Promise<number> {
    Deno.kill(this.#program.pid, signal);
    const timer = setTimeout(() => Deno.kill(this.#program.pid, "SIGKILL"), END_MS);
    const { code } = await this.#program.ended;
    clearTimeout(timer);
    must(code !== 137, "The cluster did not end");
    return code;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    let ended = false;
    this.#program.ended.then(() => ended = true);
    await Promise.resolve();
    if (!ended) await this.stop();
    await this.#program[Symbol.asyncDispose]();
  }

  #hear(text: string): void {
    const lines = (this.#unread + text).split("\n");
    this.#unread = lines.pop()!;
    for (const line of lines) {
      const [, role] = /"message":"(\w+) ready"/.exec(line) ?? [];
      if (role === undefined) continue;
      const { pid, url } = JSON.parse(line);
      this.#processes.set(url, { role, pid, url });
      this.#changed.resolve();
      this.#changed = Promise.withResolvers();
    }
  }
}
