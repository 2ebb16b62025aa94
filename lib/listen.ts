import { getLogger } from "./log.ts";

const log = getLogger("fib");

/** How long to wait when no descriptor was left for a connection. Some are free again by then. */
const AGAIN_MS = 100;
/** The least time between two log lines about that. */
const LOG_EVERY_MS = 10_000;

/** A server that survives a lack of file descriptors. */
export interface Listener {
  readonly addr: Deno.NetAddr;
  /** Takes no more connections. Resolves when the open ones have ended. */
  shutdown(): Promise<void>;
}

/**
 * Serves HTTP. `Deno.serve` ends when it has no file descriptor for another connection, and its open connections live
 * on. Then this serves again, on the same port.
 *
 * @throws {Error} If it can't listen. The message has the address, which the runtime's own error doesn't tell.
 */
export function listen(
  { host, port }: { readonly host: string; readonly port: number },
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Listener {
  let isStopping = false;
  let loggedAt = -Infinity;
  /** All whose connections may still be open. */
  const servers = new Set<Deno.HttpServer<Deno.NetAddr>>();

  function serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    const server = Deno.serve({
      hostname: host,
      port,
      onListen: () => {},
      // The handler never throws: this is a body that was cut on purpose.
      onError: () => new Response(null, { status: 500 }),
    }, handler);
    servers.add(server);
    server.finished.catch((error) => serveAgain(server.addr.port, error)).finally(() =>
      servers.delete(server)
    );
    return server;
  }

  function serveAgain(port: number, cause: unknown): void {
    if (isStopping) return;
    const now = performance.now();
    if (now - loggedAt >= LOG_EVERY_MS) {
      loggedAt = now;
      log.error("connection not accepted", { error: cause });
    }
    setTimeout(() => {
      if (isStopping) return;
      try {
        serve(port);
      } catch (error) {
        serveAgain(port, error);
      }
    }, AGAIN_MS);
  }

  let first: Deno.HttpServer<Deno.NetAddr>;
  try {
    first = serve(port);
  } catch (cause) {
    throw new Error(`Can't listen on ${host}:${port}`, { cause });
  }
  return {
    addr: first.addr,
    async shutdown() {
      isStopping = true;
      await Promise.all([...servers].map((server) => server.shutdown()));
    },
  };
}
