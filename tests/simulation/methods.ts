import type { Manner, SimulatedWorker } from "./simulated_worker.ts";
import type { World } from "./world.ts";

/** What each simulated worker serves, by the kinds of {@linkcode Work}. The first argument is the call's number. */
export interface Api {
  echo(id: number): number;
  fail(id: number): never;
  unclonable(id: number): unknown;
  move(id: number): Uint8Array;
  spin(id: number, ms: number): number;
  hold(id: number, ms: number): Promise<number>;
  deaf(id: number, ms: number): Promise<number>;
  wait(id: number, ms: number): Promise<number>;
  heed(id: number, ms: number): Promise<number>;
  tell(id: number, ms: number): Promise<number>;
  prepare(): void | Promise<void>;
  quit(id: number): number;
  crash(id: number): number;
}

/** How setup takes its time that never returns. */
const STUCK: Manner = { occupies: true, looks: false };

/** Makes the methods of one worker. */
export function methodsOf(worker: SimulatedWorker, world: World): Api {
  /** A method that is done as soon as it is called. */
  const atOnce = <A extends unknown[], R>(method: (id: number, ...args: A) => R) => {
    return (id: number, ...args: A): R => {
      world.started(id, worker);
      const result = method(id, ...args);
      world.finished(id, worker);
      return result;
    };
  };
  const lasting = (manner: Manner) => (id: number, ms: number) => {
    world.started(id, worker);
    return worker.take(id, ms, manner);
  };
  return {
    echo: atOnce((id) => id),
    fail: atOnce((id) => {
      throw new RangeError(`call ${id}`);
    }),
    unclonable: atOnce(() => () => {}),
    move: atOnce((id) => {
      const bytes = Uint8Array.of(id);
      return world.pool.transfer(bytes, [bytes.buffer]);
    }),
    spin: atOnce((id, ms: number) => {
      worker.spin(ms);
      return id;
    }),
    hold: lasting({ occupies: true, looks: true }),
    deaf: lasting({ occupies: true, looks: false }),
    wait: lasting({ occupies: false, looks: false }),
    heed(id, ms) {
      world.started(id, worker);
      const { signal } = world.pool.current();
      const done = worker.take(id, ms, { occupies: false, looks: false, heeds: true });
      const aborted = new Promise<never>((_, reject) => {
        signal.addEventListener("abort", () => {
          worker.leave(id);
          reject(signal.reason);
        });
      });
      return Promise.race([done, aborted]);
    },
    async tell(id, ms) {
      world.started(id, worker);
      const { report } = world.pool.current();
      report(1);
      const value = await worker.take(id, ms, { occupies: true, looks: true });
      report(2);
      return value;
    },
    prepare() {
      if (worker.load === "sticks") return worker.take(-1, Infinity, STUCK).then(() => {});
      worker.isServing = true;
    },
    quit: atOnce((id) => {
      world.end(worker, "silently");
      return id;
    }),
    crash: atOnce((id) => {
      world.end(worker, "with an error");
      return id;
    }),
  };
}
