/**
 * Errors cross threads whole. Structured cloning keeps the name of a built-in error, its message and
 * stack, and drops the rest; Comlink keeps those three and drops the class as well.
 *
 * @module
 */

/** An error in transit: plain, cloneable data. */
export type EncodedError =
  | {
    readonly kind: "error";
    readonly name: string;
    /** Whether it is a DOMException: then `name` says which kind, and not which class. */
    readonly dom: boolean;
    readonly message: string;
    readonly stack: string;
    /** Own enumerable fields that can be cloned. */
    readonly fields: Readonly<Record<string, unknown>>;
    readonly cause?: EncodedError;
    readonly errors?: readonly EncodedError[];
  }
  /** Something that is no error was thrown: the value, or its text if it can't be cloned. */
  | { readonly kind: "thrown"; readonly value: unknown };

/** How many causes and errors are encoded at most. A chain can be circular, and nobody reads that far. */
const MAX_ERRORS = 100;

/** Fields that are encoded one by one. */
const STANDARD = new Set(["name", "message", "stack", "cause", "errors"]);

/** The classes that come back as themselves, so that `instanceof` holds on the other side. */
const BUILT_IN: Readonly<Record<string, new (message: string) => Error>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/**
 * @param error Whatever was thrown.
 * @returns The same as plain data that can be posted. Never throws, whatever the error's getters do.
 */
export function encodeError(error: unknown, budget = { left: MAX_ERRORS }): EncodedError {
  budget.left--;
  try {
    if (isError(error)) return encode(error, budget);
    return { kind: "thrown", value: structuredClone(error) };
  } catch {
    return { kind: "thrown", value: describe(error) };
  }
}

function encode(error: Error, budget: { left: number }): EncodedError {
  return {
    kind: "error",
    name: String(error.name),
    dom: error instanceof DOMException,
    message: String(error.message),
    stack: String(error.stack ?? ""),
    fields: cloneableFields(error),
    ...(error.cause !== undefined && budget.left > 0 &&
      { cause: encodeError(error.cause, budget) }),
    ...("errors" in error && Array.isArray(error.errors) && {
      errors: error.errors.flatMap((each) => budget.left > 0 ? [encodeError(each, budget)] : []),
    }),
  };
}

/**
 * @returns What was thrown: an error of the same built-in class, or a plain `Error` that carries the name
 * of the class, which exists only on the other side.
 */
export function decodeError(encoded: EncodedError): unknown {
  if (encoded.kind === "thrown") return encoded.value;
  const error = construct(encoded);
  define(error, "stack", encoded.stack);
  if (encoded.cause) define(error, "cause", decodeError(encoded.cause));
  if (encoded.errors) define(error, "errors", encoded.errors.map((each) => decodeError(each)));
  for (const [key, value] of Object.entries(encoded.fields)) define(error, key, value, true);
  return error;
}

/** Appends the stack of those who wait for `callee` to an error's own, so that both threads show. */
export function appendCallers(error: unknown, callee: (...args: never[]) => unknown): void {
  const waiting: { stack?: string } = {};
  Error.captureStackTrace?.(waiting, callee);
  appendStack(error, waiting.stack);
}

/**
 * Appends a stack to an error's own.
 *
 * @param stack As captured. Its first line is left out. If there is no other line, nothing changes.
 */
export function appendStack(error: unknown, stack: string | undefined): void {
  const frames = stack?.slice(stack.indexOf("\n") + 1);
  if (!frames || frames === stack || !isError(error)) return;
  define(error, "stack", `${error.stack}\n    --- called from ---\n${frames}`);
}

function construct(encoded: EncodedError & { kind: "error" }): Error {
  const { name, dom, message } = encoded;
  if (dom) return new DOMException(message, name);
  if (name === "AggregateError") return new AggregateError([], message);
  const builtIn = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined;
  if (builtIn) return new builtIn(message);
  const error = new Error(message);
  if (name !== "Error") define(error, "name", name);
  return error;
}

function cloneableFields(error: Error): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const key of Object.keys(error)) {
    if (STANDARD.has(key)) continue;
    try {
      fields[key] = structuredClone(error[key as keyof Error]);
    } catch {
      // A function, a socket, a throwing getter: it stays behind, and the error arrives.
    }
  }
  return fields;
}

/** Not by assignment: a DOMException's own `code` would throw. */
function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}

function isError(value: unknown): value is Error {
  return value instanceof Error || value instanceof DOMException;
}

function describe(value: unknown): string {
  try {
    return String(value);
  } catch {
    // An object without a prototype has no text.
  }
  try {
    return Object.prototype.toString.call(value);
  } catch {
    // A revoked proxy throws even then.
    return "[object Proxy]";
  }
}
