// The pool in somebody else's page, where memory may not be shared.

import { assertEquals } from "@std/assert";
import { testPageOf } from "./browser.ts";

const ISOLATION = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};

/** Serves the page and its worker, bundled. */
class Bundled implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, headers: HeadersInit) {
    this.#server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
      const script = files.get(new URL(url).pathname.slice(1));
      const type = script ? "text/javascript" : "text/html";
      const page =
        `<!doctype html><link rel="icon" href="data:,"><script src="typing.js" type="module"></script>`;
      return new Response(script ?? page, { headers: { "content-type": type, ...headers } });
    });
  }

  static async make(headers: Record<string, string>): Promise<Bundled> {
    // Here, where it may read the environment, as it does when it is imported.
    const { bundle, endBundling } = await import("../../tools/build/bundle.ts");
    const entryPoints = ["tests/web/fixtures/typing.ts", "tests/web/fixtures/typing_worker.ts"];
    const { files } = await bundle("dist/typing", { entryPoints, platform: "browser" });
    await endBundling();
    return new Bundled(files, headers);
  }

  at(path: string): string {
    return `http://127.0.0.1:${this.#server.addr.port}${path}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

for (const [name, headers] of Object.entries({ isolated: ISOLATION, "not isolated": {} })) {
  testPageOf(
    () => Bundled.make(headers),
    `whoever types gets the last answer, in a page that is ${name}`,
    async ({ page }) => {
      for (const size of [1, 2]) {
        const outcome = await page.evaluate(`type(${size}, 10)`);
        assertEquals(
          outcome,
          `found ${"x".repeat(10)}, open, 0 wedged, isolated: ${name === "isolated"}`,
        );
      }
    },
  );
}
