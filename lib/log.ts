/** How much is logged: a level includes those after it. */
export type LogLevel = "debug" | "info" | "warning" | "error";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warning", "error"];

/** Whatever else a line tells. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines under a name. Nothing is written before {@linkcode configureLog}. */
export interface Logger
  extends Readonly<Record<LogLevel, (message: string, fields?: LogFields) => void>> {
  /** Whether lines of this level are written: to ask costs less than to make one. */
  isEnabledFor(level: LogLevel): boolean;
}

let lowest = Infinity;
let write: (line: string) => void;

/**
 * Sends what the service logs, from `level` up, to stderr: a JSON object a line, with `time`, `level`,
 * `logger`, `message` and the line's own fields. Called again, it replaces what was configured before.
 *
 * Here and not from a library: the one that was here (LogTape) takes 9 ms to import, a third of what the
 * service takes to listen, and this is all that was used of it.
 *
 * @param writeLine Takes one line, without its end. Default: stderr.
 */
export function configureLog(
  level: LogLevel,
  writeLine: (line: string) => void = (line) => console.error(line),
): void {
  lowest = LEVELS.indexOf(level);
  write = writeLine;
}

/** Makes a logger. */
export function getLogger(name: string): Logger {
  const isEnabledFor = (level: LogLevel) => LEVELS.indexOf(level) >= lowest;
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

/** Never throws: fields that JSON can't hold are left out as a whole, with the reason in `unloggable`. */
function format(logger: string, level: LogLevel, message: string, fields: LogFields): string {
  const head = { time: new Date().toISOString(), level, logger, message };
  try {
    // The head comes first for the eye, and last so that no field takes its place.
    return printable(JSON.stringify({ ...head, ...fields, ...head }, plain));
  } catch (error) {
    return printable(JSON.stringify({ ...head, unloggable: String(error) }));
  }
}

/** JSON leaves these as they are. Some terminals obey them, and some readers of lines take them for a line's end. */
function printable(json: string): string {
  return json.replaceAll(
    /[\u007f-\u009f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** JSON.stringify's replacer: errors have no enumerable fields, and bigints no JSON. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return String(value);
  if (!(value instanceof Error)) return value;
  const { name, message, stack, cause } = value;
  return { ...value, name, message, stack, cause };
}
