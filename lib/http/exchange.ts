import { Exchange, type ServeInfo as KitServeInfo } from "../hono/exchange.ts";
import { hasBody } from "./request_body.ts";

/** What is known of a request beside the request itself. */
export interface ServeInfo extends KitServeInfo {
  /** Whether it came where the operator's routes are not served, as they have a port of their own. Default: no. */
  readonly withoutOperator?: boolean;
}

/** One request of the service on its way. */
export class AppExchange extends Exchange {
  declare readonly info: ServeInfo | undefined;
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
