import { ALGORITHM_NAMES, type AlgorithmName } from "../../lib/fibonacci/mod.ts";
import { labelOf } from "../../lib/web/algorithms.ts";
import { seriesAt } from "../../lib/web/ui/series.ts";
import { replaced } from "./replaced.ts";

/** What stands in `page.html` for one piece of markup for each algorithm. */
const PLACES: Readonly<Record<string, (name: AlgorithmName, index: number) => string>> = {
  "<!-- algorithms as radios -->": (name, index) =>
    `<label><input type="radio" name="algorithm" value="${name}"${index === 0 ? " checked" : ""}>` +
    `<span data-series="${seriesAt(index)}">${labelOf(name)}</span></label>`,
  "<!-- algorithms as options -->": (name) => `<option value="${name}">${labelOf(name)}</option>`,
};

/**
 * Writes the algorithms into the page's markup.
 *
 * @throws {Error} If it has no place for them any more.
 */
export function withAlgorithms(html: string): string {
  return Object.entries(PLACES).reduce(
    (html, [place, markup]) => replaced(html, place, ALGORITHM_NAMES.map(markup).join("\n")),
    html,
  );
}
