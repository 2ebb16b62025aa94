import type { Summary } from "../runner/statistics.ts";

const number = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });

/** Three digits that count, no more: the fourth differs from run to run. */
export function format(value: number): string {
  return number.format(value);
}

/** A median and its range. */
export function formatSummary({ median, min, max }: Summary): string {
  return `${format(median)} (${format(min)}–${format(max)})`;
}

/** A Markdown table, its columns aligned to be read as text as well. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, i) => Math.max(3, ...rows.map((row) => row[i].length)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |\n`;
  return line(rows[0]) + line(widths.map((width) => "-".repeat(width))) +
    rows.slice(1).map(line).join("");
}

/** Breaks text into lines of at most 100 characters. */
export function wrap(text: string, indent = ""): string {
  const lines = [indent];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)}${/\S$/.test(lines.at(-1)!) ? " " : ""}${word}`;
    if (longer.length <= 100) lines[lines.length - 1] = longer;
    else lines.push(" ".repeat(indent.length) + word);
  }
  return `${lines.join("\n")}\n`;
}
