/** Longer texts are cut. They are sent with each event, and a bar has no room for them. */
const MOST_CHARACTERS = 60;

/**
 * Makes a text of a call's tag: a text or number as it is, of an object those among its values.
 *
 * @returns `null` if there is nothing to read, or it can't be read.
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
    try {
      // Called for each call. With arrays of values and words it would take three times as long.
      for (const name in shortened(tag)) {
        const word = plain((tag as Record<string, unknown>)[name]);
        if (word !== "") text += text === "" ? word : ` ${word}`;
        if (text.length > MOST_CHARACTERS) break;
      }
    } catch {
      // A getter has thrown, for example. Nobody could catch that: tags are read when a timer fires.
      return null;
    }
  }
  return text === "" ? null : text.length > MOST_CHARACTERS ? text.slice(0, MOST_CHARACTERS) : text;
}

/** Leaves out what would not be shown: `for` lists all names first, of 10 MB of bytes for four seconds. */
function shortened(tag: object | null): object | null {
  if (ArrayBuffer.isView(tag)) return null;
  return Array.isArray(tag) ? tag.slice(0, MOST_CHARACTERS) : tag;
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

/** Returns the words that two tags have in common; `null` if there are none. */
export function common(one: string, other: string | null): string | null {
  if (other === null) return null;
  // Mostly: only the second call of a span has other words than the span.
  if (` ${other} `.includes(` ${one} `)) return one;
  const words = new Set(other.split(" "));
  return one.split(" ").filter((word) => words.has(word)).join(" ") || null;
}
