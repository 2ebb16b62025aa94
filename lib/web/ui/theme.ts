import { SERIES } from "./series.ts";

const NAMES = [
  "ink",
  "muted",
  "line",
  "card",
  ...SERIES,
  "several",
  "on-bar",
  "accent",
  "bad",
  "warn",
] as const;

/** A colour of the style sheet. */
export type Colour = (typeof NAMES)[number];

/** The style sheet's colours as a canvas takes them. */
export type Theme = Readonly<Record<Colour, string>>;

/**
 * Reads the colours that hold now, and again whenever they change.
 *
 * @param changed Told of the new ones.
 */
export function followTheme(changed: (theme: Theme) => void): void {
  const read = () => changed(readTheme());
  for (const query of ["(prefers-color-scheme: dark)", "(forced-colors: active)"]) {
    matchMedia(query).addEventListener("change", read);
  }
  read();
}

/** A custom property's own value may be `light-dark(…)`; what an element comes to have is a colour. */
function readTheme(): Theme {
  const probe = document.createElement("i");
  // Else all colours would be one where the person has forced theirs, and nothing could be told apart.
  probe.style.setProperty("forced-color-adjust", "none");
  document.body.append(probe);
  const entries = NAMES.map((name) => {
    probe.style.color = `var(--${name})`;
    return [name, getComputedStyle(probe).color];
  });
  probe.remove();
  return Object.fromEntries(entries) as Record<Colour, string>;
}

const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");

/** @returns Whether the person wants no motion that is not needed. */
export function prefersLessMotion(): boolean {
  return lessMotion.matches;
}
