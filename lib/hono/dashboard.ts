import type { Context } from "hono";
import { negotiateCoding } from "./negotiation.ts";
import { answerPage, kept } from "./page.ts";
import { header } from "./read.ts";

/** The dashboard in its two forms. */
interface Dashboard {
  readonly tag: string;
  readonly policy: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

/** Loaded on demand, so that a start does not wait for it. To compress it takes the event loop 4 ms, once. */
const dashboard = kept(async (): Promise<Dashboard> => {
  const { PAGE, POLICY, TAG } = await import("./dashboard_page.ts");
  const plain = new TextEncoder().encode(PAGE);
  const compressed = new Response(plain).body!.pipeThrough(new CompressionStream("gzip"));
  return {
    tag: TAG,
    policy: POLICY,
    plain,
    gzip: new Uint8Array(await new Response(compressed).arrayBuffer()),
  };
});

/**
 * Answers `GET /dashboard`: one page, made in `lib/web/`. It loads only `events` beside it, so it works under any prefix.
 */
export async function answerDashboard(c: Context): Promise<Response> {
  const { tag, policy, plain, gzip } = await dashboard();
  const coding = negotiateCoding(header(c, "accept-encoding")) === "gzip" ? "gzip" : undefined;
  return answerPage(c, { tag, coding, body: coding ? gzip : plain }, {
    "content-security-policy": policy,
  });
}
