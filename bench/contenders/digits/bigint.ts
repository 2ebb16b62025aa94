/** F(n) by the two textbook identities of fast doubling, on the runtime's own bigints. */
export function fastDoubling(n: number): bigint {
  let [f, next] = [0n, 1n]; // F(k) and F(k+1), k being the bits of n so far
  for (const bit of n.toString(2)) {
    const doubled = f * (2n * next - f);
    const after = f * f + next * next;
    [f, next] = bit === "1" ? [after, doubled + after] : [doubled, after];
  }
  return f;
}

/** The digits of F(n), as the runtime's own `toString` writes them. */
export function digits(n: number): string {
  return fastDoubling(n).toString();
}
