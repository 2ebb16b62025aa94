/** Writes a duration for people: two digits or three, and the unit that fits. */
export function duration(ms: number): string {
  const [value, unit] = ms < 999.5 ? [ms, "ms"] : [ms / 1000, "s"];
  if (value < 0.005) return "0 ms";
  return `${value.toFixed(value < 1 ? 2 : value < 10 ? 1 : 0)} ${unit}`;
}

const counts = new Intl.NumberFormat("en");

/** Writes a whole number: `1,234,567`. */
export function count(value: number): string {
  return counts.format(Math.round(value));
}

/** Writes how often a second something happens: with a digit behind the point where that says something. */
export function rate(perSecond: number): string {
  return `${perSecond > 0 && perSecond < 9.95 ? perSecond.toFixed(1) : count(perSecond)}/s`;
}

/** Writes a share of 1: `93 %`. Only what is everything is 100 %, only nothing 0 %. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded === 100 && share < 1) return "> 99 %";
  if (rounded === 0 && share > 0) return "< 1 %";
  return `${rounded} %`;
}

/** Writes a size: `2.1 MB`. */
export function bytes(value: number): string {
  if (value < 1000) return `${count(value)} B`;
  return value < 999_500 ? `${(value / 1e3).toFixed(0)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

/** What stands between groups of ten: lines may break there. */
const THIN_SPACE = "\u2009";

/**
 * Groups decimal digits by three, from the right.
 *
 * @param digits A few hundred at most.
 */
export function grouped(digits: string): string {
  return digits.replaceAll(/\B(?=(\d{3})+$)/g, ",");
}

/** Groups decimal digits by ten, from the left, as long numbers are printed in tables. */
export function inTens(digits: string): string {
  return digits.replaceAll(/.{10}(?=.)/g, `$&${THIN_SPACE}`);
}
