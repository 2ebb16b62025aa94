/**
 * What a cache can hold: keys made of plain arguments, and answers that no caller can change for the next one.
 *
 * @module
 */

import type { Found } from "./backend.ts";

/** Returns the rough weight of an object or array, in bytes. */
export type Weigh = (value: object) => number;

/** An answer, and the bytes it weighs. */
export interface Entry extends Found<unknown> {
  readonly size: number;
}

/** What an entry weighs besides its value: key, list node, object. Measured, rounded up. */
const ENTRY_BYTES = 512;

/**
 * Makes a key of a method's name and plain arguments: no two calls have the same one by chance.
 *
 * @throws {TypeError} If an argument is an object, function or symbol.
 */
export function defaultKey(method: string, args: readonly unknown[]): string {
  let key = method;
  for (const arg of args) {
    if (typeof arg === "string") key += `,${arg.length}:${arg}`;
    else if (typeof arg === "bigint") key += `,${arg}n`;
    else if (Object.is(arg, -0)) key += ",-0";
    else if (typeof arg === "symbol" || typeof arg === "function" || isObject(arg)) {
      throw new TypeError(`cached() needs a key for the arguments of ${method}: pass it one`);
    } else key += `,${arg}`;
  }
  return key;
}

/**
 * Makes an entry of an answer. Objects and arrays in it are frozen, at every depth.
 *
 * @throws {TypeError} If the answer can't be shared.
 */
export function entryOf(value: unknown, weigh: Weigh | undefined): Entry {
  return { value, size: ENTRY_BYTES + bytesOf(value, weigh) };
}

function bytesOf(value: unknown, weigh: Weigh | undefined): number {
  if (typeof value === "string") return value.length;
  if (value instanceof Uint8Array) return value.byteLength;
  if (!isObject(value)) return 0;
  if (!weigh) {
    const type = Object.prototype.toString.call(value);
    throw new TypeError(
      `cached() can't keep ${type}: give it weigh, which tells how many bytes such an answer is`,
    );
  }
  freeze(value);
  return Math.ceil(weigh(value));
}

function freeze(value: unknown): void {
  if (!isObject(value) || Object.isFrozen(value)) return;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype && prototype !== null) {
    const type = Object.prototype.toString.call(value);
    throw new TypeError(`cached() keeps plain objects and arrays, and no ${type}`);
  }
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
