const UNITS_MS = {
  year: 365.25 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** Says a duration as a person would: one unit and two digits at most, such as `3 hours` or `1.5 seconds`. */
export function humanDuration(ms: number): string {
  if (ms < 1) return "less than a millisecond";
  if (ms > 1e6 * UNITS_MS.year) return "more than a million years";
  // 999.6 milliseconds are a second.
  const [unit, unitMs] = Object.entries(UNITS_MS).find(([, unitMs]) =>
    twoDigits(ms / unitMs) >= 1
  )!;
  const count = twoDigits(ms / unitMs);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

function twoDigits(value: number): number {
  return Number(value.toPrecision(2));
}

/** @throws {RangeError} If a duration is negative or NaN. */
export function requireMs(name: string, ms: number): void {
  if (!(ms >= 0)) throw new RangeError(`${name} is ${ms}: must be 0 or more`);
}
