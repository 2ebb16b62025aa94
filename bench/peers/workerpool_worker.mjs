// @ts-ignore: installed by the run, and for Node alone
import workerpool from "workerpool";
import * as work from "../contenders/work.mjs";

workerpool.worker({
  ...work,
  give(length) {
    const bytes = work.give(length);
    return new workerpool.Transfer(bytes, [bytes.buffer]);
  },
});
