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

/** Not before somebody looks: a start need not wait for it. To compress it takes the event loop 4 ms, once. */
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
 * Answers `GET /dashboard`: one page that loads nothing but `events` beside it, so that it works under any prefix. What
 * it shows is made in `lib/web/`.
 */
export async function answerDashboard(c: Context): Promise<Response> {
  const { tag, policy, plain, gzip } = await dashboard();
  const coding = negotiateCoding(header(c, "accept-encoding")) === "gzip" ? "gzip" : undefined;
  return answerPage(c, { tag, coding, body: coding ? gzip : plain }, {
    "content-security-policy": policy,
  });
}
