import { element, show } from "../ui/dom.ts";
import { type Connection, Feed } from "./feed.ts";
import { BY_METHOD, type Kinds } from "./kinds.ts";
import { Legend } from "./legend.ts";
import { Numbers } from "./numbers.ts";
import { Stage } from "./stage.ts";
import { WorkersTable } from "./workers_table.ts";

const CONNECTIONS: Readonly<Record<Connection, string>> = {
  connecting: "Connecting",
  live: "Live",
  lost: "The service is gone. Trying again",
  paused: "Paused",
};

/**
 * The section that shows the service at work.
 *
 * ```
 *  /events ──► Feed ──► activity ──► Picture ──► Stage: lanes, in each frame
 *                └────► stats ─────► Readings ─► numbers, sparklines, table, once a second
 * ```
 *
 * @param announce Tells assistive technology.
 * @param kinds How calls are told apart by colour. Default: by their method.
 */
export function startWatching(
  announce: (text: string) => void,
  kinds: Kinds = BY_METHOD,
): void {
  const canvas = element("lanes-canvas", HTMLCanvasElement);
  const freeze = element("freeze", HTMLButtonElement);
  const stage = new Stage(new Legend(kinds));
  const { picture, clock } = stage;
  const numbers = new Numbers();
  const table = new WorkersTable();
  let instance: string | undefined;
  let connection: Connection | undefined;
  let troubled = "";

  freeze.addEventListener("click", () => {
    freeze.setAttribute("aria-pressed", String(stage.toggleFrozen()));
  });

  new Feed({
    activity(event) {
      clock.hear(event.now, performance.now());
      picture.add(event);
      stage.changed();
      describe(event.states);
    },
    stats(event) {
      if (instance !== undefined && event.instance !== instance) {
        picture.clear();
        clock.reset();
        announce("The service has been restarted, and counts from zero");
        show(element("connection-text", HTMLSpanElement), "Live, after a restart");
      }
      instance = event.instance;
      clock.hear(event.now, performance.now());
      picture.forget(event.now);
      stage.changed();
      document.body.dataset.workers = event.pool ? "some" : "none";
      numbers.show(event);
      table.show(event.pool?.slots ?? []);
    },
    connection(state) {
      if (state === connection) return;
      const wasLost = connection === "lost";
      connection = state;
      stage.isLive = state === "live";
      if (state !== "live") clock.reset();
      stage.changed();
      document.body.dataset.connection = state;
      show(element("connection-text", HTMLSpanElement), CONNECTIONS[state]);
      if (state === "lost") announce("The service is gone, trying to reach it again");
      else if (state === "live" && wasLost) announce("The service is back");
    },
  }).start();

  /** What the picture shows, in words; workers in trouble are news. */
  function describe(states: readonly string[]): void {
    const tally = new Map<string, number>();
    for (const state of states) tally.set(state, (tally.get(state) ?? 0) + 1);
    const words = [...tally].map(([state, number]) => `${number} ${state}`).join(", ");
    const label = `${states.length} ${states.length === 1 ? "worker" : "workers"}: ${words}`;
    if (canvas.ariaLabel !== label) canvas.ariaLabel = label;
    const trouble = ["wedged", "failed"].filter((state) => tally.has(state)).join();
    if (trouble !== troubled && trouble) announce(`Workers in trouble: ${words}`);
    troubled = trouble;
  }
}
