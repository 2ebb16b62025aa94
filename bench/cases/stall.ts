import { file } from "../contenders/commands.ts";
import { Server } from "../runner/server.ts";
import type { Case } from "./case.ts";

/** 2 089 877 digits. */
const PATH = "/10000000";
const IDLE_MS = 500;
const WARM_UP = 4;

export const stall: Case = {
  title: "The event loop while it sends a large answer",
  what:
    "`/10000000` is answered with two million digits. A probe inside the server looks at the clock in " +
    "every turn of its event loop: the longest time between two looks, from the request to the last byte " +
    "read. The same without a request shows what the machine itself does to a loop.",
  notes: [
    "The probe keeps the loop's thread busy; what it sees is what a timer or another client would wait.",
    "On a machine this small the system takes the core from the loop now and then, for milliseconds: see " +
    "the range of the gaps without a request before trusting one with.",
    `The ${
      WARM_UP + 1
    }th request is measured. While the ones before are answered, the engine's own threads ` +
    "compile what is hot, and take the cores from the loop for that.",
  ],
  metrics: [
    { key: "gapMs", label: "longest gap, ms", better: "lower", target: { atMost: 0.6 } },
    { key: "idleGapMs", label: "without a request, ms", better: "lower" },
    { key: "answerMs", label: "whole answer, ms", better: "lower" },
  ],
  contenders: ["ours-large", "transferred", "formatted"],
  rounds: { quick: 0, all: 9 },
  async trial(_, contender, { size }) {
    const { args: [run, ...args], ...command } = contender.server!(size);
    const preload = `--preload=${file("servers/event_loop_probe.ts")}`;
    await using server = await Server.start({ ...command, args: [run, preload, ...args] }, true);
    const longestGapMs = async () =>
      (await server.program.ask("maxGapMs") as { maxGapMs: number }).maxGapMs;
    for (let i = 0; i < WARM_UP; i++) await server.get(PATH);
    await longestGapMs();
    const begin = performance.now();
    const { body } = await server.get(PATH);
    const answerMs = performance.now() - begin;
    const gapMs = await longestGapMs();
    if (body.length !== 2_089_877) throw new Error(`Answer has ${body.length} digits`);
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    return { gapMs, idleGapMs: await longestGapMs(), answerMs };
  },
};
