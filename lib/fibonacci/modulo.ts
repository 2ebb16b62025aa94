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
