import { element, make } from "../ui/dom.ts";
import { type Series, seriesAt } from "../ui/series.ts";
import type { Kinds, Told } from "./kinds.ts";

/** The colours of the kinds of calls, each of which has its entry as soon as there are any. */
export class Legend {
  /** How calls are told apart. */
  readonly kinds: Kinds;
  readonly #series = new Map<string, Series>();

  constructor(kinds: Kinds) {
    this.kinds = kinds;
    for (const [name, label] of kinds.known) this.#add(name, label);
  }

  /** The colour of a call, or of several. */
  colourOf(told: Told): Series | "several" {
    const kind = this.kinds.of(told);
    return kind === null ? "several" : this.#series.get(kind) ?? this.#add(kind, kind);
  }

  #add(name: string, label: string): Series | "several" {
    const series = seriesAt(this.#series.size);
    if (series === "several") return series;
    this.#series.set(name, series);
    const colour = make("i");
    colour.dataset.series = series;
    element("legend-several", HTMLLIElement).before(make("li", {}, colour, label));
    return series;
  }
}
