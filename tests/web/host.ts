import { fibonacciApi } from "../../lib/compute/api.ts";
import { estimator } from "../../lib/compute/mod.ts";
import { type App, createApp, readPage } from "../../lib/http/mod.ts";
import { inline } from "../../lib/pool/inline.ts";
import type { SlotState } from "../../lib/pool/mod.ts";
import { poolStats } from "../http/fakes.ts";

/** What a {@linkcode Host} is made with. */
export interface HostOptions {
  /** What its workers are in. Default: there are none. */
  readonly states?: readonly SlotState[];
  /** Headers that its answers come without. Default: none. */
  readonly without?: readonly string[];
  /** What a proxy before it takes off its paths: `/fib`. Whatever is elsewhere is a 404. Default: nothing. */
  readonly prefix?: string;
}

/** The app in this process, over whatever the test makes of it. It computes on this thread. */
export class Host implements AsyncDisposable {
  readonly #app: App;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  readonly #prefix: string;

  constructor({ states, without = [], prefix = "" }: HostOptions = {}) {
    this.#prefix = prefix;
    const dist = new URL("../../dist/web/", import.meta.url);
    const estimate = estimator();
    const backend = inline(fibonacciApi);
    this.#app = createApp({
      backend: { ...backend, stats: () => states ? poolStats([...states]) : {} },
      estimateMs: estimate,
      page: () => readPage((path) => Deno.readFile(new URL(path, dist))),
      maxN: 1_000_000,
      deadlineMs: 30_000,
      algorithm: "fast-doubling",
    });
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const { pathname, search } = new URL(request.url);
        if (!pathname.startsWith(`${prefix}/`)) return new Response("elsewhere", { status: 404 });
        const url = `http://localhost${pathname.slice(prefix.length)}${search}`;
        const response = await this.#app.fetch(new Request(url, request));
        for (const name of without) response.headers.delete(name);
        return response;
      },
    );
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${this.#prefix}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#app.drain();
    await this.#server.shutdown();
  }
}
