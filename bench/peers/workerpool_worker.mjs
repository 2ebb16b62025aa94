// @ts-ignore: installed by the run, and for Node alone
import workerpool from "workerpool";
import { fibonacci, increment } from "../contenders/work.mjs";

workerpool.worker({ increment, fibonacci });
