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
  let sum: f64 = 0;
  limbs = (limbs + offset) << 2;
  h <<= 2;
  to <<= 3;
  for (let row = 0; row < rows; row++) {
    for (let i = limbs, end = limbs + (width << 2); i < end; i += 4) {
      const low = <f64> load<i32>(i);
      const high = <f64> load<i32>(i + h);
      sum += low * low + high * high;
      const turned = f64x2.mul(root, f64x2.splat(high));
      v128.store(to, f64x2.add(f64x2.splat(low), turned));
      v128.store(to, turned, 16);
      to += 32;
    }
    limbs += stride << 2;
  }
  return sum;
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
  const alphas = f64x2.splat(alpha);
  const betas = f64x2.splat(beta);
  const scales = f64x2.splat(scale);
  const bases = f64x2.splat(base);
  const halfInverse = f64x2.splat(0.5 / base);
  const half = f64x2.splat(0.5);
  const two = f64x2.splat(2);
  carries <<= 3;
  h <<= 2;
  let p = (a << 3) + (from << 5);
  let q = (b << 3) + (from << 5);
  let limb = (limbs + from) << 2;
  const end = (limbs + to) << 2;
  let carry0 = v128.load(carries);
  let carry1 = v128.load(carries, 16);
  let next0 = f64x2.add(
    f64x2.mul(alphas, f64x2.nearest(f64x2.mul(v128.load(p), scales))),
    f64x2.mul(betas, f64x2.nearest(f64x2.mul(v128.load(q), scales))),
  );
  let next1 = f64x2.add(
    f64x2.mul(alphas, f64x2.nearest(f64x2.mul(v128.load(p, 16), scales))),
    f64x2.mul(betas, f64x2.nearest(f64x2.mul(v128.load(q, 16), scales))),
  );
  for (; limb < end; limb += 4) {
    const twice0 = f64x2.add(next0, carry0);
    const twice1 = f64x2.add(next1, carry1);
    p += 32;
    q += 32;
    next0 = f64x2.add(
      f64x2.mul(alphas, f64x2.nearest(f64x2.mul(v128.load(p), scales))),
      f64x2.mul(betas, f64x2.nearest(f64x2.mul(v128.load(q), scales))),
    );
    next1 = f64x2.add(
      f64x2.mul(alphas, f64x2.nearest(f64x2.mul(v128.load(p, 16), scales))),
      f64x2.mul(betas, f64x2.nearest(f64x2.mul(v128.load(q, 16), scales))),
    );
    // Half of the parity of what comes next, which the carry makes even.
    const odd0 = f64x2.sub(
      f64x2.mul(next0, half),
      f64x2.nearest(f64x2.mul(next0, half)),
    );
    const odd1 = f64x2.sub(
      f64x2.mul(next1, half),
      f64x2.nearest(f64x2.mul(next1, half)),
    );
    const halfCarry0 = f64x2.add(
      odd0,
      f64x2.nearest(f64x2.sub(f64x2.mul(twice0, halfInverse), odd0)),
    );
    const halfCarry1 = f64x2.add(
      odd1,
      f64x2.nearest(f64x2.sub(f64x2.mul(twice1, halfInverse), odd1)),
    );
    const limb0 = i32x4.trunc_sat_f64x2_s_zero(
      f64x2.relaxed_nmadd(halfCarry0, bases, f64x2.mul(twice0, half)),
    );
    const limb1 = i32x4.trunc_sat_f64x2_s_zero(
      f64x2.relaxed_nmadd(halfCarry1, bases, f64x2.mul(twice1, half)),
    );
    carry0 = f64x2.mul(halfCarry0, two);
    carry1 = f64x2.mul(halfCarry1, two);
    v128.store_lane<i32>(limb, limb0, 0);
    v128.store_lane<i32>(limb + h, limb0, 1);
    v128.store_lane<i32>(limb + 2 * h, limb1, 0);
    v128.store_lane<i32>(limb + 3 * h, limb1, 1);
  }
  v128.store(carries, carry0);
  v128.store(carries, carry1, 16);
}
