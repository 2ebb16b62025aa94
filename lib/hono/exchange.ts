import type { Context } from "hono";
import type { Timing } from "@off-the-loop/pool";
import type { HeaderGroup } from "./respond.ts";

const SANE_ID = /^[\w.-]{1,128}$/;

/** What `Deno.serve` tells an app about a request. */
export interface ServeInfo {
  /** Resolves when the answer has been sent; rejects if it could not be sent. */
  readonly completed: Promise<void>;
  /** The other end of the connection, if it has an address. */
  readonly remoteAddr?: { readonly hostname?: string };
}

/** One request: what its answer, its log lines and its metrics need to know. */
export class Exchange {
  /** The pattern of its route, for metrics. Never the path: there is no bound on those. */
  route = "none";
  readonly request: Request;
  /** When it came in, in milliseconds of the app's clock. */
  readonly startedAt: number;
  readonly info: ServeInfo | undefined;
  /** The times of its calls, added up. Cache and worker are those of the call that ended last. */
  timing: Timing | undefined;
  /** Whether its answer has begun: a later failure can only cut it short. */
  isSent = false;
  /** Headers that tell the client which of its preferences were followed. */
  applied: HeaderGroup;
  #id: string | undefined;

  constructor(request: Request, startedAt: number, info?: ServeInfo) {
    this.request = request;
    this.info = info;
    this.startedAt = startedAt;
  }

  /** The client's `X-Request-Id` if it is sane, else a new one. Made when it is first read: most requests need none. */
  get requestId(): string {
    if (this.#id === undefined) {
      const given = this.request.headers.get("x-request-id");
      this.#id = given !== null && SANE_ID.test(given) ? given : crypto.randomUUID();
    }
    return this.#id;
  }

  /** Adds the times of a call. Only their sum is kept: a stream may make calls without end. */
  add(timing: Timing): void {
    const before = this.timing;
    this.timing = !before ? timing : {
      ...timing,
      waitMs: before.waitMs + timing.waitMs,
      runMs: before.runMs + timing.runMs,
      transferMs: before.transferMs + timing.transferMs,
    };
  }
}

const KEY = "off-loop exchange";

/** Finds the exchange of a request: the app's environment if it is one, else one that is made on the first call. */
export function exchangeOf(c: Context): Exchange {
  if (c.env instanceof Exchange) return c.env;
  let exchange: Exchange | undefined = c.get(KEY);
  if (!exchange) {
    const isInfo = typeof c.env === "object" && c.env !== null && "completed" in c.env;
    exchange = new Exchange(c.req.raw, performance.now(), isInfo ? c.env : undefined);
    c.set(KEY, exchange);
  }
  return exchange;
}
