import { element, show } from "./dom.ts";

/** Between two announcements: what is said faster is cut off by what follows. */
const EVERY_MS = 1_500;

/**
 * Makes the page's one voice for assistive technology. What comes too fast is left out but for the last: it is
 * how things stand.
 */
export function announcer(): (text: string) => void {
  const target = element("announcement", HTMLParagraphElement);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let next: string | undefined;
  function say(): void {
    timer = undefined;
    if (next === undefined) return;
    show(target, next);
    next = undefined;
    timer = setTimeout(say, EVERY_MS);
  }
  return (text) => {
    next = text;
    if (timer === undefined) say();
  };
}
