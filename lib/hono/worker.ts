/**
 * The worker's part of the kit: compression where the answer is made.
 *
 * @module
 */

import type { Methods } from "@off-the-loop/pool";
import { transfer } from "@off-the-loop/pool/worker";
import { compress, type CompressOptions } from "./compress.ts";
import { type Coding, COMPRESSED } from "./negotiation.ts";
import { bodyOf } from "./respond.ts";

export type { CompressOptions } from "./compress.ts";
export type { Coding } from "./negotiation.ts";

const encoder = new TextEncoder();

/**
 * Adds to an API the method `compressed`, which `work.answer(c, …, { compress: true })` calls: `serve(compressing(api))`.
 */
export function compressing<Api extends Methods<Api>>(
  api: Api,
  options?: CompressOptions,
): Api & { compressed(coding: Coding, method: string, ...args: unknown[]): unknown } {
  return {
    ...api,
    [COMPRESSED](coding: Coding, method: string, ...args: unknown[]) {
      if (!Object.hasOwn(api, method)) throw new TypeError(`Worker has no method "${method}"`);
      const value: unknown = api[method as keyof Api](...args);
      const finish = (value: unknown) => {
        const body = bodyOf(value);
        const bytes = compress(
          coding,
          typeof body === "string" ? encoder.encode(body) : body,
          options,
        );
        return transfer(bytes, [bytes.buffer]);
      };
      return value instanceof Promise ? value.then(finish) : finish(value);
    },
  };
}
