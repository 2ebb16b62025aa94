/** Longer ones are cut: they are told with each event, and nobody reads them in a bar. */
const MOST_CHARACTERS = 60;

/**
 * What people read of a call's tag: text and numbers as they are, of an object those among its values.
 *
 * @returns `null` if there is nothing to read.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { textOf } from "./tag.ts";
 *
 * assertEquals(textOf("page 7"), "page 7");
 * assertEquals(textOf({ n: 33, algorithm: "naive" }), "33 naive");
 * assertEquals(textOf(undefined), null);
 * ```
 */
export function textOf(tag: unknown): string | null {
  let text = "";
  if (typeof tag !== "object") text = plain(tag);
  else {
    // It is done for each call: not by arrays of values and words, which take three times as long.
    for (const name in tag) {
      const word = plain((tag as Record<string, unknown>)[name]);
      if (word !== "") text += text === "" ? word : ` ${word}`;
    }
  }
  return text === "" ? null : text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
}

function plain(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      return "";
  }
}

/** The words that two tags have in common; `null` if there are none. */
export function common(one: string, other: string | null): string | null {
  if (other === null) return null;
  // So it is for all calls but the second, where some words are the same for all.
  if (` ${other} `.includes(` ${one} `)) return one;
  const words = new Set(other.split(" "));
  return one.split(" ").filter((word) => words.has(word)).join(" ") || null;
}
