// @ts-check
/**
 * What every contender's workers do, on Deno and Node alike.
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
