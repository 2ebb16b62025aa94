/**
 * How answers leave the worker: what is moved with them, and what replaces an answer that can't be cloned.
 *
 * @module
 */

import * as Comlink from "comlink";
import { type Port, post } from "../sending/endpoint.ts";
import { encodeError } from "../error_codec.ts";
import {
  type Answer,
  type Early,
  packAnswers,
  type Packed,
  unpackAnswers,
} from "../sending/protocol.ts";

const transfers = new WeakMap<object, Transferable[]>();

/**
 * Marks a method's result so that parts of it are moved to the caller and not copied. They are unusable
 * here afterwards.
 *
 * @returns `value` itself.
 * @throws {TypeError} If `list` is no array, or `value` no object.
 */
export function transfer<T extends object>(value: T, list: Transferable[]): T {
  // Checked here, where an error rejects the call. When the answer is posted, it would end the worker.
  if (!Array.isArray(list)) throw new TypeError("transfer() takes an array of what is moved");
  transfers.set(value, [...list]);
  return value;
}

/** @returns Answers as what `run()` resolves to through Comlink. */
export function replies(answers: readonly Answer[]): Packed<Answer> {
  const list = transferOf(answers);
  const packed = packAnswers(answers);
  return list.length > 0 ? Comlink.transfer(packed as unknown[], list) : packed;
}

/** @returns The same answers, with errors in the place of values that can't be cloned. */
export function cloneableReplies(packed: Packed<Answer>): Packed<Answer> {
  return packAnswers(unpackAnswers(packed).map(cloneable));
}

/** Posts answers at once, ahead of the calls behind them. */
export function answerEarly(port: Port, answers: readonly Answer[]): void {
  if (answers.length === 0) return;
  const send = (answers: readonly Answer[], list?: Transferable[]) =>
    post(port, { type: "pool:early", answers: packAnswers(answers) } satisfies Early, list);
  try {
    send(answers, transferOf(answers));
  } catch {
    send(answers.map(cloneable));
  }
}

/**
 * Whether an answer needs a message for itself. An object that a method returned twice would be one object for two
 * callers. And posting takes away what is moved even if it fails because of another answer.
 */
export function goesAlone({ kind, value }: Answer): boolean {
  return kind === "value" && isObject(value);
}

/** Replaces a value that can't be cloned by an error. Other answers stay as they are. */
function cloneable(answer: Answer): Answer {
  if (answer.kind !== "value") return answer;
  try {
    return { ...answer, value: structuredClone(answer.value) };
  } catch (error) {
    return { ...answer, kind: "error", value: encodeError(error) };
  }
}

function transferOf(answers: readonly Answer[]): Transferable[] {
  return answers.flatMap(({ value }) => isObject(value) ? transfers.get(value) ?? [] : []);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
