/** What a {@linkcode Bundled} page is made with. */
export interface BundledOptions {
  /** A script of `tests/web/fixtures/`, without its ending. Its worker is the same with `_worker` at the end. */
  readonly name: string;
  /** Headers of all answers. Default: none that matter. */
  readonly headers?: Record<string, string>;
  /** The host in the page's address, see `browser.ts`. Default: `127.0.0.1`. */
  readonly host?: string;
}

/** Serves somebody else's page and its worker, bundled. */
export class Bundled implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #host: string;

  private constructor(
    files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
    { name, headers, host = "127.0.0.1" }: BundledOptions,
  ) {
    this.#host = host;
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
      const script = files.get(new URL(url).pathname.slice(1));
      const type = script ? "text/javascript" : "text/html";
      const page =
        `<!doctype html><link rel="icon" href="data:,"><script src="${name}.js" type="module"></script>`;
      return new Response(script ?? page, { headers: { "content-type": type, ...headers } });
    });
  }

  static async make(options: BundledOptions): Promise<Bundled> {
    // Here, where it may read the environment, as it does when it is imported.
    const { bundle, endBundling } = await import("../../tools/build/bundle.ts");
    const { name } = options;
    const entryPoints = [name, `${name}_worker`].map((name) => `tests/web/fixtures/${name}.ts`);
    const { files } = await bundle(`dist/${name}`, { entryPoints, platform: "browser" });
    await endBundling();
    return new Bundled(files, options);
  }

  at(path: string): string {
    return `http://${this.#host}:${this.#server.addr.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}
