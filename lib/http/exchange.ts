import { hasBody } from "./request_body.ts";

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
  /** Whether it brings a body, which nobody here wants. */
  readonly hasBody: boolean;
  /** When it came in, by the app's clock. */
  readonly startedAt: number;
  /** What the server knows of the connection. */
  readonly info: ServeInfo | undefined;
  #id: string | undefined;

  constructor(request: Request, startedAt: number, info?: ServeInfo) {
    this.request = request;
    this.info = info;
    this.hasBody = hasBody(request);
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

/** What Hono hands its handlers: the {@linkcode Exchange}, as `c.env`. */
export interface AppEnv {
  Bindings: Exchange;
}
