import { serve } from "../../../lib/pool/worker.ts";
import { fibonacci, increment } from "../work.mjs";

/** What the worker of {@linkcode import("./ours.ts")} serves. */
export type Api = { increment: typeof increment; fibonacci: typeof fibonacci };

serve<Api>({ increment, fibonacci });
