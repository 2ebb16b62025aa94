import denoJson from "../../deno.json" with { type: "json" };
import { lines } from "./lines.ts";
import type { Options } from "./options.ts";
import type { Program } from "./supervised.ts";

/** An instance of the service, by the command of `deno task start`. */
export function instanceProgram(port: number, options: Options): Program {
  // The first word is `deno` itself.
  const args = denoJson.tasks.start.command.split(" ").slice(1);
  return {
    role: "instance",
    url: `http://127.0.0.1:${port}/`,
    spawn: () =>
      new Deno.Command(Deno.execPath(), {
        args,
        cwd: new URL("../../", import.meta.url),
        // A process group of its own: Ctrl-C reaches the cluster alone, which passes it on once.
        detached: true,
        env: {
          PORT: String(port),
          HOST: "127.0.0.1",
          // The balancer asks /readyz where it asks everything else.
          OPS_PORT: "0",
          WORKERS: String(options.workers),
          DRAIN_DELAY_MS: String(options.drainDelayMs),
          TRUSTED_PROXIES: "127.0.0.1",
        },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    async ready({ pid, stdout, stderr }) {
      tell(pid, stderr);
      // Its one line on stdout says so.
      for await (const _line of lines(stdout)) return true;
      return false;
    },
  };
}

/** Passes on what an instance logs, with its id: all of them write to one stderr. */
async function tell(pid: number, stderr: Deno.ChildProcess["stderr"]): Promise<void> {
  for await (const line of lines(stderr)) {
    console.error(line.startsWith("{") ? `{"pid":${pid},${line.slice(1)}` : `${pid}: ${line}`);
  }
}
