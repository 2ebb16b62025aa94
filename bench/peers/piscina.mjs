// @ts-ignore: installed by the run, and for Node alone
import { Piscina } from "piscina";

const filename = new URL("../contenders/work.mjs", import.meta.url).href;

/** piscina, with its default options or those given. */
export function open(size, options) {
  const pool = new Piscina({ filename, minThreads: size, maxThreads: size, ...options });
  return warm(pool, size);
}

/** What a call takes in piscina and tinypool, which was forked from it. */
export async function warm(pool, size) {
  const by = (name) => {
    const options = { name };
    return (n) => pool.run(n, options);
  };
  const calls = { increment: by("increment"), fibonacci: by("fibonacci") };
  await Promise.all(Array.from({ length: size }, (_, n) => calls.increment(n)));
  return calls;
}
