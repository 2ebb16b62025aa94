/**
 * Finds an element of the page.
 *
 * @throws {Error} If the page has none of that id, or another kind of element.
 */
export function element<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new Error(`The page has no ${kind.name} "${id}"`);
}

/** Makes an element with properties and children. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** Shows a text, without touching what shows it already: assistive technology is told of each change. */
export function show(target: HTMLElement, text: string): void {
  if (target.textContent !== text) target.textContent = text;
}

/** Enables a button in the place of another, which hands on the focus: a disabled button would drop it. */
export function exchange(from: HTMLButtonElement, to: HTMLButtonElement): void {
  to.disabled = false;
  const hadFocus = document.activeElement === from;
  from.disabled = true;
  if (hadFocus) to.focus();
}
