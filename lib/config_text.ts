import { flagOf, type Setting, SETTINGS } from "./config.ts";

const settings: readonly Setting<unknown>[] = Object.values(SETTINGS);

/** Writes out what `--help` prints. */
export function helpText(): string {
  const rows = settings.map((setting) =>
    `  --${flagOf(setting).padEnd(12)} ${setting.env.padEnd(12)} ${setting.help}\n` +
    `${" ".repeat(30)}${setting.allowed}; default ${defaultOf(setting)}\n`
  );
  return `Settings, by flag (--port 8000, --port=8000) or environment (PORT=8000). Flags win.\n\n` +
    `${rows.join("")}  --help, -h${" ".repeat(18)}prints this\n`;
}

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

function defaultOf(setting: Setting<unknown>): string {
  return setting.shownDefault ?? String(setting.default);
}
