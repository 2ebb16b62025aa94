import * as work from "../work.mjs";
import { POOLIFIER } from "./poolifier.ts";

const { ThreadWorker } = await import(POOLIFIER);
// It knows no way to move a result.
export default new ThreadWorker({ ...work });
