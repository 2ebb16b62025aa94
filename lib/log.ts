import { configureSync, type LogRecord } from "@logtape/logtape";

/** How much is logged: a level includes those after it. */
export type LogLevel = "debug" | "info" | "warning" | "error";

/**
 * Sends what the service logs, from `level` up, to stderr: a JSON object a line, with `time`, `level`,
 * `logger`, `message` and the record's own fields. Called again, it replaces what was configured before.
 *
 * @param write Takes one line, without its end. Default: stderr.
 */
export function configureLog(
  level: LogLevel,
  write: (line: string) => void = (line) => console.error(line),
): void {
  const sinks = ["lines"];
  configureSync({
    reset: true,
    sinks: { lines: (record: LogRecord) => write(formatRecord(record)) },
    loggers: [
      { category: "fib", lowestLevel: level, sinks },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks },
    ],
  });
}

/**
 * Turns a record into its line. Never throws: fields that JSON can't hold are left out as a whole, with
 * the reason in `unloggable`.
 */
function formatRecord(record: LogRecord): string {
  const head = {
    time: new Date(record.timestamp).toISOString(),
    level: record.level,
    logger: record.category.join("."),
    message: record.message.map(String).join(""),
  };
  try {
    // The head comes first for the eye, and last so that no field takes its place.
    return JSON.stringify({ ...head, ...record.properties, ...head }, plain);
  } catch (error) {
    return JSON.stringify({ ...head, unloggable: String(error) });
  }
}

/** JSON.stringify's replacer: errors have no enumerable fields, and bigints no JSON. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, cause };
}
