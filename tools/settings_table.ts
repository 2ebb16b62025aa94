import { defaultOf, flagOf, type Setting, SETTINGS } from "../lib/config.ts";

const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** Writes out the README's table, aligned as `deno fmt` would. */
export function markdownTable(): string {
  const rows = [
    ["environment", "flag", "default", "meaning", "allowed"],
    ...settings.map((setting) => [
      `\`${setting.env}\``,
      `\`--${flagOf(setting)}\``,
      `\`${defaultOf(setting)}\``,
      setting.help,
      setting.shownAllowed ?? setting.allowed,
    ]),
  ];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const [head, ...body] = rows.map((row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(" | ")} |\n`
  );
  return `${head}| ${widths.map((width) => "-".repeat(width)).join(" | ")} |\n${body.join("")}`;
}

if (import.meta.main) console.log(markdownTable());
