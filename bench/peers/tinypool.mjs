// @ts-ignore: installed by the run, and for Node alone
import { Tinypool } from "tinypool";
import { warm } from "./piscina.mjs";

const filename = new URL("./tinypool_worker.mjs", import.meta.url).href;

/** tinypool with its default options. */
export function open(size) {
  return warm(new Tinypool({ filename, minThreads: size, maxThreads: size }), size);
}
