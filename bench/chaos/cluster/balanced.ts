import { balancerProgram, type Balancing } from "../../../tools/cluster/balancer.ts";
import { freePorts } from "../../../tools/cluster/ports.ts";
import { type Program, Supervised } from "../../../tools/cluster/supervised.ts";

/** An instance that is no service: it answers what it is told, and counts what it was asked. */
export interface Stub {
  /** Requests that came, health checks aside. */
  asked: number;
}

/** How to start what is balanced. */
export interface BalancedOptions {
  /** Ports of further instances. Default: there are none. */
  readonly others?: readonly number[];
  /** Whether the first instance is ready; all others are. Default: it is. */
  readonly isReady?: () => boolean;
  /** Default: HAProxy, by `deploy/haproxy.cfg`. */
  readonly program?: (balancing: Balancing) => Program;
}

/** A balancer before instances of one's own. */
export class Balanced implements AsyncDisposable {
  /** The balancer's. */
  readonly port: number;
  /** In the order of the handlers. */
  readonly stubs: readonly Stub[];
  readonly #servers: readonly Deno.HttpServer[];
  readonly #balancer: Supervised;

  private constructor(
    port: number,
    stubs: readonly Stub[],
    servers: readonly Deno.HttpServer<Deno.NetAddr>[],
    { others = [], program = (balancing) => balancerProgram(balancing) }: BalancedOptions,
  ) {
    this.port = port;
    this.stubs = stubs;
    this.#servers = servers;
    const ports = [...servers.map(({ addr }) => addr.port), ...others];
    this.#balancer = new Supervised(program({ host: "127.0.0.1", port, ports }));
  }

  /** Starts one instance for each handler, and the balancer. */
  static async start(
    handlers: readonly Deno.ServeHandler[],
    options: BalancedOptions = {},
  ): Promise<Balanced> {
    const { isReady = () => true } = options;
    const stubs = handlers.map(() => ({ asked: 0 }));
    const servers = handlers.map((handler, i) =>
      Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request, info) => {
        if (request.url.endsWith("/readyz")) {
          return new Response(null, { status: i > 0 || isReady() ? 200 : 503 });
        }
        stubs[i].asked++;
        return handler(request, info);
      })
    );
    const self = new Balanced(freePorts(1)[0], stubs, servers, options);
    try {
      await self.#balancer.start();
      return self;
    } catch (error) {
      await self[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** The address of a path. */
  at(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#balancer.end("SIGTERM");
    await Promise.all(this.#servers.map((server) => server.shutdown()));
  }
}
