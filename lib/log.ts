/** The levels, the least important one first. */
export const LOG_LEVELS = ["debug", "info", "warning", "error"] as const;

/** How important a line is. A level includes those after it. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** More members of a line. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines under a name. Nothing is written before {@linkcode configureLog}. */
export interface Logger
  extends Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>> {
  /** Whether lines of this level are written. Cheaper than to make a line. */
  isEnabledFor(level: LogLevel): boolean;
}

let lowest = Infinity;
let write: (line: string) => void;

/**
 * Writes the lines from `level` up to stderr: a JSON object a line, with `time`, `level`, `logger`, `message` and the
 * line's own fields. Another call replaces this configuration.
 *
 * Own code, because LogTape takes 9 ms to import, a third of the service's start, and this is all that was used of it.
 *
 * @param writeLine Called with a line, without its end. Default: writes to stderr.
 */
export function configureLog(
  level: LogLevel,
  writeLine: (line: string) => void = (line) => console.error(line),
): void {
  lowest = LOG_LEVELS.indexOf(level);
  write = writeLine;
}

/** Makes a logger. */
export function getLogger(name: string): Logger {
  const isEnabledFor = (level: LogLevel) => LOG_LEVELS.indexOf(level) >= lowest;
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (isEnabledFor(level)) write(format(name, level, message, fields));
  };
  return {
    isEnabledFor,
    debug: at("debug"),
    info: at("info"),
    warning: at("warning"),
    error: at("error"),
  };
}

/** Never throws. If JSON can't hold the fields, `unloggable` says why in their place. */
function format(logger: string, level: LogLevel, message: string, fields: LogFields): string {
  const head = { time: new Date().toISOString(), level, logger, message };
  try {
    // First for the reader, and again at the end so that no field replaces it.
    return printable(JSON.stringify({ ...head, ...fields, ...head }, plain));
  } catch (error) {
    return printable(JSON.stringify({ ...head, unloggable: String(error) }));
  }
}

/** Escapes what JSON leaves as it is, and terminals may obey or readers may take for the end of a line. */
function printable(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A replacer for `JSON.stringify`: errors have no enumerable fields, and bigints no JSON. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, cause };
}
