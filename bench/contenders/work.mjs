// @ts-check
/**
 * What every contender's workers do, on Deno and Node alike. Each takes one argument.
 *
 * @module
 */

/**
 * The trivial call: whatever it takes to get it made is dispatch.
 *
 * @param {number} n
 */
export function increment(n) {
  return n + 1;
}

/**
 * F(n) by its definition. Nothing looks for a cancellation in here, as the service's own does.
 *
 * @param {number} n
 * @returns {number}
 */
export function fibonacci(n) {
  return recurse(n);
}

/**
 * Not exported: calls of an export, even its own, look up the module's variable, and took 8 % longer on Deno.
 *
 * @param {number} n
 * @returns {number}
 */
function recurse(n) {
  return n < 2 ? n : recurse(n - 1) + recurse(n - 2);
}

/**
 * Sends back what it is sent.
 *
 * @param {unknown} value
 */
export function echo(value) {
  return value;
}

/**
 * Takes bytes and looks at one of them.
 *
 * @param {Uint8Array} bytes
 */
export function measure(bytes) {
  return bytes.length + bytes[0];
}

let kept = new Uint8Array(0);

/**
 * Gives so many bytes, and keeps them: the caller has a copy.
 *
 * @param {number} length
 */
export function copy(length) {
  if (kept.length !== length) kept = new Uint8Array(length);
  return kept;
}

/**
 * Gives so many bytes away, if its worker knows how.
 *
 * @param {number} length
 */
export function give(length) {
  return new Uint8Array(length);
}

/**
 * Keeps its thread, and a core if there is one, for so many milliseconds.
 *
 * @param {number} ms
 */
export function spin(ms) {
  const end = performance.now() + ms;
  while (performance.now() < end);
  return ms;
}

const never = new Int32Array(new SharedArrayBuffer(4));

/**
 * Keeps its thread, and no core, for so many milliseconds: a machine with more cores than this one has.
 *
 * @param {number} ms
 */
export function sleep(ms) {
  Atomics.wait(never, 0, 0, ms);
  return ms;
}
