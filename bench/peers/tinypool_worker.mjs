// @ts-ignore: installed by the run, and for Node alone
import { Tinypool } from "tinypool";
import * as work from "../contenders/work.mjs";

export * from "../contenders/work.mjs";
export const give = (length) => Tinypool.move(work.give(length));
