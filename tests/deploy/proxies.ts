/** The proxies of `deploy/`, each with its file and other addresses. */

import { balancerProgram, type Balancing } from "../../tools/cluster/balancer.ts";
import type { Program } from "../../tools/cluster/supervised.ts";
import { pause } from "../e2e/waiting.ts";

/** A proxy, and how it is started. */
export interface Proxy {
  /** Its program, which the test needs. */
  readonly program: string;
  readonly start: (balancing: Balancing) => Program;
}

const folder = new URL("../../deploy/", import.meta.url);

/** A file of `deploy/` with other addresses: it names port 8000 for itself, and 8001 and more for instances. */
export function moved(name: string, { port, ports }: Balancing): string {
  const text = Deno.readTextFileSync(new URL(name, folder));
  return text.replaceAll(/:800(\d)/g, (_, i) => `:${i === "0" ? port : ports[i - 1]}`);
}

/** What nginx needs around a file of `conf.d`, in a folder of its own. */
export function nginxConf(directory: string, site: string): string {
  const temp = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${directory}/${name};`).join(" ");
  return `daemon off; worker_processes 1; pid ${directory}/pid; error_log stderr crit;
events { worker_connections 1000; }
http { access_log off; ${temp} include ${site}; }`;
}

function nginx(balancing: Balancing): Program {
  const directory = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${directory}/site`, moved("nginx.conf", balancing));
  Deno.writeTextFileSync(`${directory}/conf`, nginxConf(directory, `${directory}/site`));
  const program = onceListening(balancing, "nginx", ["-p", directory, "-c", `${directory}/conf`]);
  return {
    ...program,
    spawn() {
      const child = program.spawn();
      child.status.then(() => Deno.removeSync(directory, { recursive: true }));
      return child;
    },
  };
}

function caddy(balancing: Balancing): Program {
  // Its own interface would be at a fixed port.
  const config = moved("Caddyfile", balancing).replace("{\n", "{\n\tadmin off\n");
  const file = Deno.makeTempFileSync();
  Deno.writeTextFileSync(file, config);
  const args = ["run", "--adapter", "caddyfile", "--config", file];
  const program = onceListening(balancing, "caddy", args);
  return {
    ...program,
    spawn() {
      const child = program.spawn();
      child.status.then(() => Deno.removeSync(file));
      return child;
    },
  };
}

function onceListening({ port }: Balancing, program: string, args: string[]): Program {
  return {
    role: "balancer",
    url: `http://127.0.0.1:${port}/`,
    spawn: () => new Deno.Command(program, { args, stdout: "null", stderr: "null" }).spawn(),
    async ready({ status }) {
      let ended = false;
      status.then(() => ended = true);
      while (!ended) {
        try {
          (await Deno.connect({ hostname: "127.0.0.1", port })).close();
          return true;
        } catch {
          await pause(10);
        }
      }
      return false;
    },
  };
}

export const PROXIES: readonly Proxy[] = [
  { program: "haproxy", start: balancerProgram },
  { program: "nginx", start: nginx },
  { program: "caddy", start: caddy },
];
