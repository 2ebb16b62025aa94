const UNITS_MS = {
  year: 365.25 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

/** Says a duration as a person would: one rounded number and one unit, such as `3 hours`. */
export function humanDuration(ms: number): string {
  if (ms < 1) return "less than a millisecond";
  if (ms > 1e6 * UNITS_MS.year) return "more than a million years";
  const [unit, unitMs] = Object.entries(UNITS_MS).find(([, unitMs]) => ms >= unitMs)!;
  const count = Math.round(ms / unitMs);
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
