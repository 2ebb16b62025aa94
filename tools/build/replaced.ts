/**
 * Replaces a text wherever it occurs.
 *
 * @throws {Error} If it doesn't: what was written to be replaced has been changed.
 */
export function replaced(text: string, from: string, to: string): string {
  if (!text.includes(from)) throw new Error(`Build finds no ${from} to replace`);
  return text.replaceAll(from, () => to);
}
