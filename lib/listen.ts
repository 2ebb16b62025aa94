import { getLogger } from "./log.ts";

const log = getLogger("fib");

/** How long to wait when there were no descriptors for another connection. Some are free again by then. */
const AGAIN_MS = 100;
/** The least time between two lines of the log about it. */
const TELL_EVERY_MS = 10_000;

/** A server that survives what would end `Deno.serve`. */
export interface Listener {
  readonly addr: Deno.NetAddr;
  /** Takes no more connections. Resolves when those there are have ended. */
  shutdown(): Promise<void>;
}

/**
 * Serves. `Deno.serve` ends when it can't accept a connection for want of file descriptors, and its connections live
 * on: then this serves again, on the same port.
 *
 * @throws {Error} If it can't listen, with the address: the runtime's own error doesn't tell it.
 */
export function listen(
  { host, port }: { readonly host: string; readonly port: number },
  handler: Deno.ServeHandler<Deno.NetAddr>,
): Listener {
  let isStopping = false;
  let toldAt = -Infinity;
  /** Those whose connections may still be open. */
  const servers = new Set<Deno.HttpServer<Deno.NetAddr>>();

  function serve(port: number): Deno.HttpServer<Deno.NetAddr> {
    const server = Deno.serve({
      hostname: host,
      port,
      onListen: () => {},
      // The handler never throws: what comes here is a body that was cut on purpose.
      onError: () => new Response(null, { status: 500 }),
    }, handler);
    servers.add(server);
    server.finished.then(
      () => servers.delete(server),
      (error) => {
        servers.delete(server);
        serveAgain(server.addr.port, error);
      },
    );
    return server;
  }

  function serveAgain(port: number, cause: unknown): void {
    if (isStopping) return;
    const now = performance.now();
    if (now - toldAt >= TELL_EVERY_MS) {
      toldAt = now;
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
