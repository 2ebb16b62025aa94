import type { Command } from "../runner/process.ts";

/** What a contender is in the argument. */
export type Role =
  /** This project. */
  | "ours"
  /** What somebody would use in its place. */
  | "peer"
  /** How not to do it. */
  | "naive"
  /** No rival: something that does less, to show how much there is to gain at most. */
  | "limit";

/** What a contender needs of the machine. */
export type Need = "node" | "peers" | "tornado" | "gmp" | "dist" | "chromium";

/** An adapter that exports `open`: see {@linkcode import("./pool.ts").Open}. */
export interface PoolAdapter {
  /** The module, from `bench/`. */
  readonly module: string;
  /** What to give `open` beside the number of workers. */
  readonly options?: unknown;
}

/** One contender: what it is, and how to run it in those cases that it takes part in. */
export interface Contender {
  readonly name: string;
  readonly role: Role;
  readonly runtime: "Deno" | "Node" | "Python" | "C";
  /** What exactly is compared, in few words. */
  readonly what: string;
  readonly needs?: readonly Need[];
  /** For cases about pools. */
  readonly pool?: PoolAdapter;
  /** For cases about services: the command, but for the port, which it takes from `PORT`. */
  readonly server?: (size: number) => Command;
  /** For cases about this project alone: a program that prints the values. */
  readonly program?: Command;
  /** For the case about digits: a module, from `bench/`, that exports `digits`. */
  readonly digits?: string;
}
