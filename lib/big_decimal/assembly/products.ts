// @ts-nocheck: AssemblyScript, whose vector types TypeScript does not know.

/** The products of `Kernel` for WebAssembly: polynomials of 4 elements, modulo x^4 - r. */

export function multiply(a: usize, b: usize, nodes: i32, twiddles: usize): void {
  products(a << 3, b << 3, nodes, twiddles << 3, false);
}

export function multiplyAndSquare(a: usize, b: usize, nodes: i32, twiddles: usize): void {
  products(a << 3, b << 3, nodes, twiddles << 3, true);
}

function products(a: usize, b: usize, nodes: i32, twiddles: usize, square: bool): void {
  for (let node = 0; node < nodes; node++) {
    let rootR = v128.load(twiddles);
    let rootI = v128.load(twiddles, 16);
    twiddles += 96;
    for (let k = 0; k < 4; k++) {
      product(a, b, rootR, rootI);
      // Ten products would do for a square. They take 1 % less of all the time, and as much code again.
      if (square) product(b, b, rootR, rootI);
      a += 128;
      b += 128;
      const turned = f64x2.neg(rootI);
      rootI = rootR;
      rootR = turned;
    }
  }
}

/** The real part of a product of complex numbers. */
function re(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f64x2.relaxed_nmadd(ai, bi, f64x2.mul(ar, br));
}

/** Its imaginary part. */
function im(ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f64x2.relaxed_madd(ai, br, f64x2.mul(ar, bi));
}

/** The real part of a product, and a sum. */
function addRe(sum: v128, ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f64x2.relaxed_nmadd(ai, bi, f64x2.relaxed_madd(ar, br, sum));
}

/** The imaginary part of a product, and a sum. */
function addIm(sum: v128, ar: v128, ai: v128, br: v128, bi: v128): v128 {
  return f64x2.relaxed_madd(ai, br, f64x2.relaxed_madd(ar, bi, sum));
}

function product(a: usize, b: usize, rootR: v128, rootI: v128): void {
  const a0r = v128.load(a, 0);
  const a0i = v128.load(a, 16);
  const b0r = v128.load(b, 0);
  const b0i = v128.load(b, 16);
  const a1r = v128.load(a, 32);
  const a1i = v128.load(a, 48);
  const b1r = v128.load(b, 32);
  const b1i = v128.load(b, 48);
  const a2r = v128.load(a, 64);
  const a2i = v128.load(a, 80);
  const b2r = v128.load(b, 64);
  const b2i = v128.load(b, 80);
  const a3r = v128.load(a, 96);
  const a3i = v128.load(a, 112);
  const b3r = v128.load(b, 96);
  const b3i = v128.load(b, 112);

  // What comes round, as x^4 = r.
  const t0r = addRe(addRe(re(a1r, a1i, b3r, b3i), a2r, a2i, b2r, b2i), a3r, a3i, b1r, b1i);
  const t0i = addIm(addIm(im(a1r, a1i, b3r, b3i), a2r, a2i, b2r, b2i), a3r, a3i, b1r, b1i);
  const t1r = addRe(re(a2r, a2i, b3r, b3i), a3r, a3i, b2r, b2i);
  const t1i = addIm(im(a2r, a2i, b3r, b3i), a3r, a3i, b2r, b2i);
  const t2r = re(a3r, a3i, b3r, b3i);
  const t2i = im(a3r, a3i, b3r, b3i);

  const c0r = re(a0r, a0i, b0r, b0i);
  const c0i = im(a0r, a0i, b0r, b0i);
  const c1r = addRe(re(a0r, a0i, b1r, b1i), a1r, a1i, b0r, b0i);
  const c1i = addIm(im(a0r, a0i, b1r, b1i), a1r, a1i, b0r, b0i);
  const c2r = addRe(addRe(re(a0r, a0i, b2r, b2i), a1r, a1i, b1r, b1i), a2r, a2i, b0r, b0i);
  const c2i = addIm(addIm(im(a0r, a0i, b2r, b2i), a1r, a1i, b1r, b1i), a2r, a2i, b0r, b0i);
  const c3r = addRe(
    addRe(addRe(re(a0r, a0i, b3r, b3i), a1r, a1i, b2r, b2i), a2r, a2i, b1r, b1i),
    a3r,
    a3i,
    b0r,
    b0i,
  );
  const c3i = addIm(
    addIm(addIm(im(a0r, a0i, b3r, b3i), a1r, a1i, b2r, b2i), a2r, a2i, b1r, b1i),
    a3r,
    a3i,
    b0r,
    b0i,
  );

  v128.store(a, f64x2.add(c0r, re(t0r, t0i, rootR, rootI)), 0);
  v128.store(a, f64x2.add(c0i, im(t0r, t0i, rootR, rootI)), 16);
  v128.store(a, f64x2.add(c1r, re(t1r, t1i, rootR, rootI)), 32);
  v128.store(a, f64x2.add(c1i, im(t1r, t1i, rootR, rootI)), 48);
  v128.store(a, f64x2.add(c2r, re(t2r, t2i, rootR, rootI)), 64);
  v128.store(a, f64x2.add(c2i, im(t2r, t2i, rootR, rootI)), 80);
  v128.store(a, c3r, 96);
  v128.store(a, c3i, 112);
}
