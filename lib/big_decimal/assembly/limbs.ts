// @ts-nocheck: AssemblyScript, whose vector types TypeScript does not know.

const SQRT_HALF: f64 = 0.7071067811865476;

export function split(
  limbs: usize,
  h: usize,
  offset: usize,
  stride: usize,
  rows: i32,
  width: usize,
  to: usize,
): f64 {
  const root = f64x2(SQRT_HALF, -SQRT_HALF);
  let sumLow = f64x2.splat(0);
  let sumHigh = f64x2.splat(0);
  limbs = (limbs + offset) << 2;
  h <<= 2;
  to <<= 3;
  for (let row = 0; row < rows; row++) {
    for (let i = limbs, end = limbs + (width << 2); i < end; i += 4) {
      const low = f64x2.convert_low_i32x4_s(v128.load32_splat(i));
      const high = f64x2.convert_low_i32x4_s(v128.load32_splat(i + h));
      sumLow = f64x2.relaxed_madd(low, low, sumLow);
      sumHigh = f64x2.relaxed_madd(high, high, sumHigh);
      const turned = f64x2.mul(root, high);
      v128.store(to, f64x2.add(low, turned));
      v128.store(to, turned, 16);
      to += 32;
    }
    limbs += stride << 2;
  }
  return f64x2.extract_lane(f64x2.add(sumLow, sumHigh), 0);
}

export function carry(
  a: usize,
  b: usize,
  alpha: f64,
  beta: f64,
  scale: f64,
  base: f64,
  limbs: usize,
  h: usize,
  from: usize,
  to: usize,
  carries: usize,
): void {
  // Halves of what the interface speaks of: the limb is half of `alpha * a + beta * b`, carry included.
  const alphas = f64x2.splat(0.5 * alpha);
  const betas = f64x2.splat(0.5 * beta);
  const scales = f64x2.splat(scale);
  const bases = f64x2.splat(base);
  const inverse = f64x2.splat(1 / base);
  const half = f64x2.splat(0.5);
  const two = f64x2.splat(2);
  carries <<= 3;
  h <<= 2;
  let p = (a << 3) + (from << 5);
  let q = (b << 3) + (from << 5);
  let limb = (limbs + from) << 2;
  const end = (limbs + to) << 2;
  let carry0 = f64x2.mul(half, v128.load(carries));
  let carry1 = f64x2.mul(half, v128.load(carries, 16));
  let next0 = combine(p, q, scales, alphas, betas);
  let next1 = combine(p + 16, q + 16, scales, alphas, betas);
  for (; limb < end; limb += 4) {
    const sum0 = f64x2.add(next0, carry0);
    const sum1 = f64x2.add(next1, carry1);
    const quotient0 = f64x2.mul(next0, inverse);
    const quotient1 = f64x2.mul(next1, inverse);
    p += 32;
    q += 32;
    next0 = combine(p, q, scales, alphas, betas);
    next1 = combine(p + 16, q + 16, scales, alphas, betas);
    // 0 or a half: the carry makes a whole number of what comes next.
    const odd0 = f64x2.sub(next0, f64x2.nearest(next0));
    const odd1 = f64x2.sub(next1, f64x2.nearest(next1));
    // From carry to carry it takes three operations, which is what the loop waits for.
    carry0 = f64x2.add(
      odd0,
      f64x2.nearest(f64x2.relaxed_madd(carry0, inverse, f64x2.sub(quotient0, odd0))),
    );
    carry1 = f64x2.add(
      odd1,
      f64x2.nearest(f64x2.relaxed_madd(carry1, inverse, f64x2.sub(quotient1, odd1))),
    );
    const limb0 = i32x4.trunc_sat_f64x2_s_zero(f64x2.sub(sum0, f64x2.mul(carry0, bases)));
    const limb1 = i32x4.trunc_sat_f64x2_s_zero(f64x2.sub(sum1, f64x2.mul(carry1, bases)));
    v128.store_lane<i32>(limb, limb0, 0);
    v128.store_lane<i32>(limb + h, limb0, 1);
    v128.store_lane<i32>(limb + 2 * h, limb1, 0);
    v128.store_lane<i32>(limb + 3 * h, limb1, 1);
  }
  v128.store(carries, f64x2.mul(two, carry0));
  v128.store(carries, f64x2.mul(two, carry1), 16);
}

/** Half of a combination of two coefficients, rounded to integers first. */
function combine(p: usize, q: usize, scales: v128, alphas: v128, betas: v128): v128 {
  return f64x2.add(
    f64x2.mul(alphas, f64x2.nearest(f64x2.mul(v128.load(p), scales))),
    f64x2.mul(betas, f64x2.nearest(f64x2.mul(v128.load(q), scales))),
  );
}
