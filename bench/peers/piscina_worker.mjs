// @ts-ignore: installed by the run, and for Node alone
import { move } from "piscina";
import * as work from "../contenders/work.mjs";

export * from "../contenders/work.mjs";
export const give = (length) => move(work.give(length));
