import { Hono } from "hono";
import { intParam, offLoop } from "../../lib/hono/mod.ts";
import { cached } from "../../lib/pool/cached.ts";
import { WorkerPool } from "../../lib/pool/mod.ts";
import type { Primes as Api } from "../fixtures/primes/worker.ts";
import type { Site } from "./browser.ts";

/** An app of a stranger's in this process, with the operator's routes under `/ops`. */
export class Primes implements Site {
  readonly first = "/ops/dashboard";
  readonly #pool = new WorkerPool<Api>({
    spawn: () =>
      new Worker(new URL("../fixtures/primes/worker.ts", import.meta.url), { type: "module" }),
    size: 2,
  });
  readonly #work = offLoop(cached(this.#pool, { maxBytes: 1e6 }), {
    pure: ["nextPrime"],
    log: { debug() {}, warning() {}, error() {} },
    tagOf: (_method, [number]) => `at ${number}`,
  });
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    const app = new Hono();
    const work = this.#work;
    app.use(work);
    app.get("/next/:from", async (c) => {
      return c.text(String(await work.call(c, "nextPrime", [intParam(c, "from")])));
    });
    app.get("/count/:below", async (c) => {
      return c.text(String(await work.call(c, "countPrimes", [intParam(c, "below")])));
    });
    app.get("/fail", async (c) => c.text(await work.call(c, "fail", [])));
    app.route("/ops", work.operator());
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, app.fetch);
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#work.drain();
    await this.#server.shutdown();
    await this.#pool.close({ graceMs: 0 });
  }
}
