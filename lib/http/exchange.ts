import type { Exchange, ServeInfo as KitServeInfo } from "../hono/exchange.ts";

/** What the server tells the app about a request. */
export interface ServeInfo extends KitServeInfo {
  /** Whether it came to the port that doesn't serve operators, as they have a port of their own. Default: no. */
  readonly withoutOperator?: boolean;
}

/** Hono's environment: a handler finds the exchange of its request as `c.env`. */
export interface AppEnv {
  Bindings: Exchange & { readonly info: ServeInfo | undefined };
}
