import { Exchange, type ServeInfo } from "../hono/exchange.ts";
import { hasBody } from "./request_body.ts";

/** One request of the service on its way. */
export class AppExchange extends Exchange {
  /** Whether it brings a body, which nobody here wants. */
  readonly hasBody: boolean;

  constructor(request: Request, startedAt: number, info?: ServeInfo) {
    super(request, startedAt, info);
    this.hasBody = hasBody(request);
  }
}

/** What Hono hands its handlers: the {@linkcode AppExchange}, as `c.env`. */
export interface AppEnv {
  Bindings: AppExchange;
}
