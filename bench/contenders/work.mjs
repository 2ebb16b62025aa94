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
  return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}
