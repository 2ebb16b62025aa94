// @ts-ignore: installed by the run, and for Node alone
import { Piscina } from "piscina";

const filename = new URL("./piscina_worker.mjs", import.meta.url).href;

/** piscina, with its default options or those given. */
export function open(size, options) {
  const pool = new Piscina({ filename, minThreads: size, maxThreads: size, ...options });
  return warm(pool, size);
}

/** What a call takes in piscina and tinypool, which was forked from it. */
export async function warm(pool, size) {
  const names = new Map();
  const by = (name) => names.get(name) ?? names.set(name, { name }).get(name);
  const call = (method, argument, move) =>
    pool.run(argument, move ? { name: method, transferList: move } : by(method));
  await Promise.all(Array.from({ length: size }, (_, n) => call("increment", n)));
  return { call };
}
