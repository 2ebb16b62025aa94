import type { Context } from "hono";
import type { Timing } from "@off-the-loop/pool";
import type { HeaderGroup } from "./respond.ts";

const SANE_ID = /^[\w.-]{1,128}$/;

/** What is known of a request beside the request itself, as `Deno.serve` knows it. */
export interface ServeInfo {
  /** Resolves when the answer has been sent; rejects if it could not be. */
  readonly completed: Promise<void>;
  /** The other end of the connection, if it has an address. */
  readonly remoteAddr?: { readonly hostname?: string };
}

/** One request on its way: what its answer, its log line and its metrics need to know of it. */
export class Exchange {
  /** The pattern of the route that took it, as metrics name it; never the path, which has no bounds. */
  route = "none";
  readonly request: Request;
  /** When it came in, by the app's clock. */
  readonly startedAt: number;
  /** What the server knows of the connection. */
  readonly info: ServeInfo | undefined;
  /** Where the time of its calls went, in the order in which they came to something. */
  timings: Timing[] | undefined;
  /** The call that failed it, if one did: what its log line tells. */
  failed: { readonly method: string; readonly tag: unknown } | undefined;
  /** Its answer has begun: what fails now can only cut it. */
  isSent = false;
  /** Headers that tell the client which of its preferences were followed. */
  applied: HeaderGroup;
  #id: string | undefined;

  constructor(request: Request, startedAt: number, info?: ServeInfo) {
    this.request = request;
    this.info = info;
    this.startedAt = startedAt;
  }

  /** The client's `X-Request-Id` if it is sane, or a new one. Made when first read: most never need it. */
  get requestId(): string {
    if (this.#id === undefined) {
      const given = this.request.headers.get("x-request-id");
      this.#id = given !== null && SANE_ID.test(given) ? given : crypto.randomUUID();
    }
    return this.#id;
  }
}

const KEY = "off-loop exchange";

/**
 * Finds the exchange of a request: made when it is first asked for, unless the app was handed it as its environment.
 */
export function exchangeOf(c: Context): Exchange {
  if (c.env instanceof Exchange) return c.env;
  let exchange: Exchange | undefined = c.get(KEY);
  if (!exchange) {
    exchange = new Exchange(c.req.raw, performance.now(), infoOf(c.env));
    c.set(KEY, exchange);
  }
  return exchange;
}

/** What `Deno.serve` hands an app, if it is that. */
function infoOf(env: unknown): ServeInfo | undefined {
  const isInfo = typeof env === "object" && env !== null && "completed" in env;
  return isInfo ? env as ServeInfo : undefined;
}
