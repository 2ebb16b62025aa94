import type { Program } from "./supervised.ts";

/** Where a balancer listens, and what is behind it. */
export interface Balancing {
  /** Address to listen on. */
  readonly host: string;
  /** Port to listen on. */
  readonly port: number;
  /** Those of the instances, on this machine. */
  readonly ports: readonly number[];
  /** The longest that an instance may take for an answer, in milliseconds. Default: what the file says. */
  readonly deadlineMs?: number;
  /** How long a stop lets answers finish, in milliseconds. Default: what the file says. */
  readonly graceMs?: number;
}

/** So much later than an instance the balancer gives an answer up: it would ask another instance then. */
const AFTER_DEADLINE_MS = 5_000;
/** The longest time that HAProxy knows. */
const MOST_MS = 2 ** 31 - 1;

/** Where distributions put it; the folder is not on everybody's path. */
const PLACES = ["haproxy", "/usr/sbin/haproxy", "/usr/local/sbin/haproxy"];

/** How often it is tried whether the balancer listens: nothing else tells. */
const TRY_EVERY_MS = 10;

/**
 * Makes HAProxy's configuration from `deploy/haproxy.cfg`: what that says holds here too, but for its addresses,
 * and for times that follow from the instances' settings.
 *
 * @param template The file.
 * @throws {Error} If the template has no such lines any more.
 */
export function balancerConfig(template: string, balancing: Balancing): string {
  const { host, port, ports, deadlineMs, graceMs } = balancing;
  const address = host.includes(":") ? `[${host}]` : host;
  const servers = ports.map((port, i) => `    server instance${i + 1} 127.0.0.1:${port}\n`);
  const replaced = template
    .replace(/^( *bind ).*$/m, `$1${address}:${port}`)
    .replace(/(^ *server .*\n)+/m, servers.join(""));
  const timed = replaced
    .replace(
      /^( *timeout server ).*$/m,
      deadlineMs === undefined ? "$&" : `$1${Math.min(deadlineMs + AFTER_DEADLINE_MS, MOST_MS)}ms`,
    )
    .replace(/^( *hard-stop-after ).*$/m, graceMs === undefined ? "$&" : `$1${graceMs}ms`);
  if (!replaced.includes(`bind ${address}:${port}\n`) || !replaced.includes(servers.join(""))) {
    throw new Error("The template has no lines that begin with bind and server");
  }
  return timed;
}

/**
 * Finds HAProxy.
 *
 * @param places What to try to run.
 * @throws {Error} Where it is not installed, with how to get it.
 */
export function findBalancer(places: readonly string[] = PLACES): string {
  for (const place of places) {
    try {
      new Deno.Command(place, { args: ["-v"], stdout: "null" }).outputSync();
      return place;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  throw new Error("HAProxy is not installed: on Debian, apt-get install haproxy");
}

/**
 * HAProxy, with the file `deploy/haproxy.cfg` and other addresses.
 *
 * @param change Changes the configuration. Default: it is left as it is.
 * @throws {Error} Where HAProxy is not installed.
 */
export function balancerProgram(
  balancing: Balancing,
  change: (config: string) => string = (config) => config,
): Program {
  const file = new URL("../../deploy/haproxy.cfg", import.meta.url);
  const config = change(balancerConfig(Deno.readTextFileSync(file), balancing));
  const program = findBalancer();
  const { host, port } = balancing;
  // A wildcard address is no place to go to; this machine is.
  const name = host === "0.0.0.0" || host === "::" ? "localhost" : host;
  return {
    role: "balancer",
    url: `http://${name.includes(":") ? `[${name}]` : name}:${port}/`,
    spawn() {
      const child = new Deno.Command(program, {
        // In the foreground, and without what it says of each start.
        args: ["-db", "-q", "-f", "/dev/stdin"],
        detached: true,
        stdin: "piped",
        stdout: "null",
        stderr: "inherit",
      }).spawn();
      write(child.stdin, config);
      return child;
    },
    async ready({ status }) {
      let ended = false;
      status.then(() => ended = true);
      while (!ended) {
        try {
          (await Deno.connect({ hostname: name, port })).close();
          return true;
        } catch (error) {
          if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
          await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
        }
      }
      return false;
    },
  };
}

async function write(stdin: Deno.ChildProcess["stdin"], text: string): Promise<void> {
  try {
    await new Blob([text]).stream().pipeTo(stdin);
  } catch {
    // It has ended before it read all of it, and says why by itself.
  }
}
