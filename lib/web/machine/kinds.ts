/** What is told of a call, or of several: what they have in common. */
export interface Told {
  readonly method: string | null;
  readonly tag: string | null;
}

/** How calls are told apart by colour. */
export interface Kinds {
  /** Those that have their colour from the start: name, and what people read for it. */
  readonly known: readonly (readonly [name: string, label: string])[];
  /** The name of a call's kind; `null` if it has none, or several have different ones. */
  readonly of: (told: Told) => string | null;
  /** What is written on a bar that has no room for the tag, if anything. */
  readonly brief?: (told: Told) => string | undefined;
}

/** For any pool. */
export const BY_METHOD: Kinds = { known: [], of: ({ method }) => method };

/** What may be written on a bar, the longest first. */
export function textsOf(told: Told, runs: number, { brief }: Kinds): string[] {
  const { method, tag } = told;
  const whole = [method, tag].filter((text) => text !== null).join(" ") || "several";
  const texts = [whole, tag, brief?.(told)].filter((text) => text !== null && text !== undefined);
  return runs > 1 ? texts.map((text) => `${runs} × ${text}`) : texts;
}
