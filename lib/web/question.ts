import { type AlgorithmName, DEFAULT_ALGORITHM, isAlgorithmName } from "../fibonacci/mod.ts";

/** What is asked. */
export interface Question {
  /** Digits alone, without zeros before them: it may be larger than any number. */
  readonly n: string;
  readonly algorithm: AlgorithmName;
}

/** More digits than any n that is answered has, and few enough to be shown. */
export const MOST_DIGITS = 40;

/**
 * Reads an n as people write it: `10,000,000` and `10 000 000` are fine.
 *
 * @returns `undefined` if it is none, or has more digits than {@linkcode MOST_DIGITS}.
 */
export function parseN(text: string): string | undefined {
  const digits = text.replaceAll(/[\s,_']/g, "");
  if (!/^[0-9]+$/.test(digits)) return undefined;
  const n = digits.replace(/^0+(?=.)/, "");
  return n.length <= MOST_DIGITS ? n : undefined;
}

/** @returns What is wrong with a text that {@linkcode parseN} takes for no n. */
export function wrongN(text: string): string {
  const seen = text.length > 20 ? `${text.slice(0, 20)}…` : text;
  return `n must be 1 to ${MOST_DIGITS} digits, but is “${seen}”`;
}

/** @returns The algorithm of that name, or `undefined`. */
export function parseAlgorithm(name: string | null): AlgorithmName | undefined {
  return name !== null && isAlgorithmName(name) ? name : undefined;
}

/**
 * Reads the question in the page's address, `?n=33&algorithm=naive`.
 *
 * @returns `undefined` if there is none.
 */
export function questionOf(search: string): Question | undefined {
  const parameters = new URLSearchParams(search);
  const n = parseN(parameters.get("n") ?? "");
  if (n === undefined) return undefined;
  return { n, algorithm: parseAlgorithm(parameters.get("algorithm")) ?? DEFAULT_ALGORITHM };
}

/** @returns The page's address for a question, from the page: what {@linkcode questionOf} reads. */
export function pagePath({ n, algorithm }: Question): string {
  return `?n=${n}&algorithm=${algorithm}`;
}

/** @returns Where the service answers it, from the page: a proxy may have put both under a prefix. */
export function answerPath({ n, algorithm }: Question): string {
  return `${n}?algorithm=${algorithm}`;
}
