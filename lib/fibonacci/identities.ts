import type { Weights } from "../big_decimal/mod.ts";

/**
 * What makes F(k) and L(k) of the products F(j) L(j) and L(j)^2, for k = 2j or 2j + 1; or F(k + 1) and L(k),
 * as {@linkcode lastWeights} takes them for an odd index.
 */
export function weights(k: number, j: number, successor: boolean): [Weights, Weights] {
  // In place of L(2j) comes L(j)^2 - 2(-1)^j.
  const combine = (alpha: number, beta: number) => ({ alpha, beta, plus: -2 * beta * sign(j) });
  const f = k === 2 * j
    ? successor ? combine(1, 1) : combine(2, 0)
    : successor
    ? combine(3, 1)
    : combine(1, 1);
  return [f, k === 2 * j ? combine(0, 2) : combine(5, 1)];
}

/**
 * What makes F(n) of a single product: F(k) L(k) for n = 2k, F(k + 1) L(k) for n = 2k + 1, from which
 * (-1)^k is to be taken.
 */
export function lastWeights(n: number, k: number): Weights {
  return { alpha: 2, beta: 0, plus: n === 2 * k ? 0 : -2 * sign(k) };
}

/** @returns (-1)^k. */
function sign(k: number): number {
  return k % 2 === 0 ? 1 : -1;
}

/** F(n) mod p, by doubling the index. */
export function fibonacciModulo(n: number, p: number): number {
  const modulus = BigInt(p);
  let [f, next] = [0n, 1n];
  for (const bit of n.toString(2)) {
    [f, next] = [f * (2n * next - f) % modulus, (f * f + next * next) % modulus];
    if (bit === "1") [f, next] = [next, (f + next) % modulus];
  }
  return Number((f + modulus) % modulus);
}
