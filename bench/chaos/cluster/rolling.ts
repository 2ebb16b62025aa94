import { ms } from "../overload.ts";
import { must, type Scenario } from "../scenario.ts";
import { Cluster } from "./cluster.ts";
import { latencyMs, mustBeRight, record } from "./history.ts";
import { ask, SMALL } from "./traffic.ts";

export const rolling: Scenario = {
  needs: "haproxy",
  what:
    "One instance after the other is told to stop (SIGTERM), and the next one when its successor is ready, while " +
    `${SMALL.perSecond} small numbers a second are asked for. Milliseconds.`,
  async *run(settings) {
    await using cluster = await Cluster.start();
    let isOver = false;
    let restarts = 0;
    const restarting = (async () => {
      while (!isOver) {
        const instances = cluster.processes("instance");
        await cluster.replace(instances[restarts++ % instances.length], "SIGTERM");
      }
    })();
    const history = await ask(SMALL, { ...settings, port: cluster.port });
    isOver = true;
    await restarting;
    record("rolling", history, settings);
    yield {
      restarts,
      asked: history.length,
      p50: ms(latencyMs(history, 0.5)),
      p99: ms(latencyMs(history, 0.99)),
      max: ms(latencyMs(history, 1)),
    };
    mustBeRight(history);
    must(restarts > 0, "Nobody was restarted: nothing was tried");
  },
};
