import { estimator, inline, type SlotState, Timeline } from "../../lib/compute/mod.ts";
import { type App, createApp, readPage } from "../../lib/http/mod.ts";
import { poolStats } from "../http/fakes.ts";

/** What a {@linkcode Host} is made with. */
export interface HostOptions {
  /** What its workers are in. Default: there are none. */
  readonly states?: readonly SlotState[];
  /** Headers that its answers come without. Default: none. */
  readonly without?: readonly string[];
}

/** The app in this process, over whatever the test makes of it. It computes on this thread. */
export class Host implements AsyncDisposable {
  readonly #app: App;
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor({ states, without = [] }: HostOptions = {}) {
    const dist = new URL("../../dist/web/", import.meta.url);
    const estimate = estimator();
    this.#app = createApp({
      compute: inline(estimate),
      estimateMs: estimate,
      stats: () => ({ pool: states ? poolStats([...states]) : null, cache: null }),
      timeline: new Timeline(),
      page: () => readPage((path) => Deno.readFile(new URL(path, dist))),
      maxN: 1_000_000,
      deadlineMs: 30_000,
      algorithm: "fast-doubling",
    });
    this.#server = Deno.serve(
      { port: 0, hostname: "127.0.0.1", onListen() {} },
      async (request) => {
        const response = await this.#app.fetch(request);
        for (const name of without) response.headers.delete(name);
        return response;
      },
    );
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#app.drain();
    await this.#server.shutdown();
  }
}
