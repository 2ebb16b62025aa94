import type { SlotStats } from "../../pool/stats.ts";
import { element, make } from "../ui/dom.ts";
import { count, duration } from "../ui/format.ts";

/** The workers as a table, made while somebody looks at it. */
export class WorkersTable {
  readonly #details = element("workers", HTMLDetailsElement);
  readonly #rows = element("workers-rows", HTMLTableSectionElement);
  #slots: readonly SlotStats[] = [];

  constructor() {
    this.#details.addEventListener("toggle", () => this.show(this.#slots));
  }

  /** Shows what each worker is doing. */
  show(slots: readonly SlotStats[]): void {
    this.#slots = slots;
    if (this.#details.open) this.#rows.replaceChildren(...slots.map(rowOf));
  }
}

function rowOf({ slot, state, job, done, failed, restarts }: SlotStats): Node {
  const told = job ? [job.method, job.tag ?? []].flat().join(" ") : "";
  const since = job ? `${told}, for ${duration(job.runningMs)}` : "";
  const cells = [state, since, count(done), count(failed), count(restarts)];
  const head = make("th", { scope: "row" }, String(slot));
  return make("tr", {}, head, ...cells.map((text) => make("td", {}, text)));
}
