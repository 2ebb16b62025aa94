import { type Answer, Connection } from "./connection.ts";
import { type Command, freePort, Program } from "./process.ts";

/** How long a server may take to answer for the first time. */
const START_MS = 15_000;
/** How often it is tried: what a start takes is known to this. */
const TRY_EVERY_MS = 1;

/** A server of a trial, from its start to its end. */
export class Server implements AsyncDisposable {
  readonly port: number;
  readonly program: Program;
  /** When it was started, by `performance.now()`. */
  readonly startedAt: number;

  private constructor(command: Command, talk: boolean) {
    this.port = freePort();
    this.startedAt = performance.now();
    const env = { ...command.env, PORT: String(this.port) };
    this.program = new Program({ ...command, env }, talk);
  }

  /**
   * Starts a server and waits until it answers `/healthz`.
   *
   * @param talk Whether its program is to be spoken with.
   * @throws {Error} If it ends, or takes too long.
   */
  static async start(command: Command, talk = false): Promise<Server> {
    const server = new Server(command, talk);
    try {
      await server.get("/healthz");
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Asks on a new connection, and keeps trying to get one. @throws {Error} If the status is not 200. */
  async get(path: string): Promise<Answer> {
    using connection = await this.#connect();
    const answer = await connection.get(path);
    if (answer.status !== 200) throw new Error(`${path} was answered with ${answer.status}`);
    return answer;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.program[Symbol.asyncDispose]();
  }

  async #connect(): Promise<Connection> {
    let ended = false;
    this.program.ended.then(() => ended = true);
    // At least once: a server that has been up for long is asked, too.
    do {
      try {
        return await Connection.open(this.port);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
        await new Promise((resolve) => setTimeout(resolve, TRY_EVERY_MS));
      }
    } while (!ended && performance.now() - this.startedAt < START_MS);
    throw new Error(`Server can't be reached: ${this.program.complaint}`);
  }
}
