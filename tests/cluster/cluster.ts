import { Program, STARTS_PROGRAMS } from "../e2e/service.ts";
import { within } from "../e2e/waiting.ts";

/** What a test of the cluster needs. */
export const STARTS_CLUSTERS = [
  ...STARTS_PROGRAMS,
  { name: "write" },
  { name: "program", program: "haproxy" },
] as const;

/** A process of the cluster, as its ready line names it. */
export interface Process {
  readonly role: string;
  readonly pid: number;
  readonly url: string;
}

const START_MS = 30_000;

/** `deno task cluster`, ready. */
export class Cluster extends Program {
  #ready: { readonly url: string; readonly processes: readonly Process[] } | undefined;

  /** What it said when it was ready. */
  get ready(): { readonly url: string; readonly processes: readonly Process[] } {
    return this.#ready!;
  }

  /** The balancer, as it was then. */
  get balancer(): Process {
    return this.ready.processes[0];
  }

  /** The instances, as they were then. */
  get instances(): readonly Process[] {
    return this.ready.processes.slice(1);
  }

  /** Its address with a path that starts with a slash. */
  at(path: string): string {
    return new URL(path, this.ready.url).href;
  }

  /** Waits until another process is ready at an address. @returns Its id. */
  async replaced({ role, pid, url }: Process): Promise<number> {
    const line = await within(
      START_MS,
      `another ${role}`,
      this.stderr.find((line) =>
        line.includes(`"message":"${role} ready"`) && line.includes(`"url":"${url}"`) &&
        !line.includes(`"pid":${pid},`)
      ),
    );
    if (line === undefined) throw new Error(`Cluster ended: ${this.stderr.all.join("\n")}`);
    return JSON.parse(line).pid;
  }

  /** Starts it on a free port and waits until it is ready. */
  static async start(
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): Promise<Cluster> {
    const self = new Cluster(["task", "cluster", "--port", "0", ...args], env);
    try {
      const line = await within(START_MS, "ready line", self.stdout.find(() => true));
      if (line === undefined) throw new Error(`No start: ${self.stderr.all.join("\n")}`);
      self.#ready = JSON.parse(line);
      return self;
    } catch (error) {
      await self[Symbol.asyncDispose]();
      throw error;
    }
  }
}

/** Whether a process runs. */
export function lives(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGCONT");
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof TypeError) return false;
    throw error;
  }
}
