/**
 * Checks of what callers pass: a message names the option, what is allowed and what was seen.
 *
 * @module
 */

/**
 * @throws {TypeError} If `value` is no number.
 * @throws {RangeError} If it is not an integer, or less than `min`.
 */
export function requireInteger(name: string, value: number, min: number): void {
  requireNumber(
    Number.isInteger(value) && value >= min,
    name,
    `an integer of at least ${min}`,
    value,
  );
}

/**
 * @throws {TypeError} If `value` is there, and no number.
 * @throws {RangeError} If it is not a duration.
 */
export function requireMs(name: string, value: number | undefined): void {
  requireNumber(value === undefined || value >= 0, name, "0 milliseconds or more", value);
}

function requireNumber(holds: boolean, name: string, allowed: string, value: unknown): void {
  if (holds && (value === undefined || typeof value === "number")) return;
  const message = `${name} must be ${allowed}: ${shown(value)}`;
  throw typeof value === "number" ? new RangeError(message) : new TypeError(message);
}

/** @throws {TypeError} If something does not hold of `value`. */
export function requireThat(holds: boolean, name: string, allowed: string, value: unknown): void {
  if (!holds) throw new TypeError(`${name} must be ${allowed}: ${shown(value)}`);
}

/** @throws {TypeError} If `value` is there, and something does not hold of it. */
export function requireIfGiven(
  holds: boolean,
  name: string,
  allowed: string,
  value: unknown,
): void {
  requireThat(value === undefined || holds, name, allowed, value);
}

/** A value as an error message holds it. */
function shown(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}…` : value);
    case "bigint":
      return `${value}n`;
    case "object":
    case "function":
      return value === null ? "null" : Object.prototype.toString.call(value);
    default:
      return String(value);
  }
}
