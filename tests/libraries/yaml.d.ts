// See assert.d.ts.

export function parse(text: string): unknown;
export function parseAll(text: string): unknown[];
