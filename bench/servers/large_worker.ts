import * as Comlink from "comlink";
import { fastDoubling } from "../contenders/digits/bigint.ts";

const api = {
  bigint: fastDoubling,
  bytes(n: number): Uint8Array<ArrayBuffer> {
    const digits = new TextEncoder().encode(String(fastDoubling(n)));
    return Comlink.transfer(digits, [digits.buffer]);
  },
};

/** What the worker of {@linkcode import("./large.ts")} offers. */
export type Api = typeof api;

Comlink.expose(api);
