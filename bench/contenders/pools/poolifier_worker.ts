import { fibonacci, increment } from "../work.mjs";
import { POOLIFIER } from "./poolifier.ts";

const { ThreadWorker } = await import(POOLIFIER);
export default new ThreadWorker({ increment, fibonacci });
