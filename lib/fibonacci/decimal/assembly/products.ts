// @ts-nocheck: AssemblyScript, whose vector types TypeScript does not know.

/** The products of `Kernel` for WebAssembly: polynomials of 4 elements, modulo x^4 - r. */

export function multiply(a: usize, b: usize, nodes: i32, twiddles: usize): void {
  leaves(a << 3, b << 3, nodes, twiddles << 3, false);
}

export function multiplyAndSquare(a: usize, b: usize, nodes: i32, twiddles: usize): void {
  leaves(a << 3, b << 3, nodes, twiddles << 3, true);
}

function leaves(a: usize, b: usize, nodes: i32, twiddles: usize, square: bool): void {
  for (let node = 0; node < nodes; node++) {
    let rootR = v128.load(twiddles);
    let rootI = v128.load(twiddles, 16);
    twiddles += 96;
    for (let k = 0; k < 4; k++) {
      product(a, b, rootR, rootI);
      if (square) squared(b, rootR, rootI);
      a += 128;
      b += 128;
      const turned = f64x2.neg(rootI);
      rootI = rootR;
      rootR = turned;
    }
  }
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
  const t0r = f64x2.relaxed_nmadd(
    a3i,
    b1i,
    f64x2.relaxed_madd(
      a3r,
      b1r,
      f64x2.relaxed_nmadd(
        a2i,
        b2i,
        f64x2.relaxed_madd(a2r, b2r, f64x2.relaxed_nmadd(a1i, b3i, f64x2.mul(a1r, b3r))),
      ),
    ),
  );
  const t0i = f64x2.relaxed_madd(
    a3i,
    b1r,
    f64x2.relaxed_madd(
      a3r,
      b1i,
      f64x2.relaxed_madd(
        a2i,
        b2r,
        f64x2.relaxed_madd(a2r, b2i, f64x2.relaxed_madd(a1i, b3r, f64x2.mul(a1r, b3i))),
      ),
    ),
  );
  v128.store(
    a,
    f64x2.add(
      f64x2.relaxed_nmadd(a0i, b0i, f64x2.mul(a0r, b0r)),
      f64x2.relaxed_nmadd(t0i, rootI, f64x2.mul(t0r, rootR)),
    ),
    0,
  );
  v128.store(
    a,
    f64x2.add(
      f64x2.relaxed_madd(a0i, b0r, f64x2.mul(a0r, b0i)),
      f64x2.relaxed_madd(t0i, rootR, f64x2.mul(t0r, rootI)),
    ),
    16,
  );
  const t1r = f64x2.relaxed_nmadd(
    a3i,
    b2i,
    f64x2.relaxed_madd(a3r, b2r, f64x2.relaxed_nmadd(a2i, b3i, f64x2.mul(a2r, b3r))),
  );
  const t1i = f64x2.relaxed_madd(
    a3i,
    b2r,
    f64x2.relaxed_madd(a3r, b2i, f64x2.relaxed_madd(a2i, b3r, f64x2.mul(a2r, b3i))),
  );
  v128.store(
    a,
    f64x2.add(
      f64x2.relaxed_nmadd(
        a1i,
        b0i,
        f64x2.relaxed_madd(a1r, b0r, f64x2.relaxed_nmadd(a0i, b1i, f64x2.mul(a0r, b1r))),
      ),
      f64x2.relaxed_nmadd(t1i, rootI, f64x2.mul(t1r, rootR)),
    ),
    32,
  );
  v128.store(
    a,
    f64x2.add(
      f64x2.relaxed_madd(
        a1i,
        b0r,
        f64x2.relaxed_madd(a1r, b0i, f64x2.relaxed_madd(a0i, b1r, f64x2.mul(a0r, b1i))),
      ),
      f64x2.relaxed_madd(t1i, rootR, f64x2.mul(t1r, rootI)),
    ),
    48,
  );
  const t2r = f64x2.relaxed_nmadd(a3i, b3i, f64x2.mul(a3r, b3r));
  const t2i = f64x2.relaxed_madd(a3i, b3r, f64x2.mul(a3r, b3i));
  v128.store(
    a,
    f64x2.add(
      f64x2.relaxed_nmadd(
        a2i,
        b0i,
        f64x2.relaxed_madd(
          a2r,
          b0r,
          f64x2.relaxed_nmadd(
            a1i,
            b1i,
            f64x2.relaxed_madd(a1r, b1r, f64x2.relaxed_nmadd(a0i, b2i, f64x2.mul(a0r, b2r))),
          ),
        ),
      ),
      f64x2.relaxed_nmadd(t2i, rootI, f64x2.mul(t2r, rootR)),
    ),
    64,
  );
  v128.store(
    a,
    f64x2.add(
      f64x2.relaxed_madd(
        a2i,
        b0r,
        f64x2.relaxed_madd(
          a2r,
          b0i,
          f64x2.relaxed_madd(
            a1i,
            b1r,
            f64x2.relaxed_madd(a1r, b1i, f64x2.relaxed_madd(a0i, b2r, f64x2.mul(a0r, b2i))),
          ),
        ),
      ),
      f64x2.relaxed_madd(t2i, rootR, f64x2.mul(t2r, rootI)),
    ),
    80,
  );
  v128.store(
    a,
    f64x2.relaxed_nmadd(
      a3i,
      b0i,
      f64x2.relaxed_madd(
        a3r,
        b0r,
        f64x2.relaxed_nmadd(
          a2i,
          b1i,
          f64x2.relaxed_madd(
            a2r,
            b1r,
            f64x2.relaxed_nmadd(
              a1i,
              b2i,
              f64x2.relaxed_madd(a1r, b2r, f64x2.relaxed_nmadd(a0i, b3i, f64x2.mul(a0r, b3r))),
            ),
          ),
        ),
      ),
    ),
    96,
  );
  v128.store(
    a,
    f64x2.relaxed_madd(
      a3i,
      b0r,
      f64x2.relaxed_madd(
        a3r,
        b0i,
        f64x2.relaxed_madd(
          a2i,
          b1r,
          f64x2.relaxed_madd(
            a2r,
            b1i,
            f64x2.relaxed_madd(
              a1i,
              b2r,
              f64x2.relaxed_madd(a1r, b2i, f64x2.relaxed_madd(a0i, b3r, f64x2.mul(a0r, b3i))),
            ),
          ),
        ),
      ),
    ),
    112,
  );
}

function squared(b: usize, rootR: v128, rootI: v128): void {
  const b0r = v128.load(b, 0);
  const b0i = v128.load(b, 16);
  const b1r = v128.load(b, 32);
  const b1i = v128.load(b, 48);
  const b2r = v128.load(b, 64);
  const b2i = v128.load(b, 80);
  const b3r = v128.load(b, 96);
  const b3i = v128.load(b, 112);
  const d0r = f64x2.add(b0r, b0r);
  const d0i = f64x2.add(b0i, b0i);
  const d1r = f64x2.add(b1r, b1r);
  const d1i = f64x2.add(b1i, b1i);
  const d2r = f64x2.add(b2r, b2r);
  const d2i = f64x2.add(b2i, b2i);
  const t0r = f64x2.relaxed_nmadd(
    b2i,
    b2i,
    f64x2.relaxed_madd(b2r, b2r, f64x2.relaxed_nmadd(d1i, b3i, f64x2.mul(d1r, b3r))),
  );
  const t0i = f64x2.relaxed_madd(
    b2i,
    b2r,
    f64x2.relaxed_madd(b2r, b2i, f64x2.relaxed_madd(d1i, b3r, f64x2.mul(d1r, b3i))),
  );
  v128.store(
    b,
    f64x2.add(
      f64x2.relaxed_nmadd(b0i, b0i, f64x2.mul(b0r, b0r)),
      f64x2.relaxed_nmadd(t0i, rootI, f64x2.mul(t0r, rootR)),
    ),
    0,
  );
  v128.store(
    b,
    f64x2.add(
      f64x2.relaxed_madd(b0i, b0r, f64x2.mul(b0r, b0i)),
      f64x2.relaxed_madd(t0i, rootR, f64x2.mul(t0r, rootI)),
    ),
    16,
  );
  const t1r = f64x2.relaxed_nmadd(d2i, b3i, f64x2.mul(d2r, b3r));
  const t1i = f64x2.relaxed_madd(d2i, b3r, f64x2.mul(d2r, b3i));
  v128.store(
    b,
    f64x2.add(
      f64x2.relaxed_nmadd(d0i, b1i, f64x2.mul(d0r, b1r)),
      f64x2.relaxed_nmadd(t1i, rootI, f64x2.mul(t1r, rootR)),
    ),
    32,
  );
  v128.store(
    b,
    f64x2.add(
      f64x2.relaxed_madd(d0i, b1r, f64x2.mul(d0r, b1i)),
      f64x2.relaxed_madd(t1i, rootR, f64x2.mul(t1r, rootI)),
    ),
    48,
  );
  const t2r = f64x2.relaxed_nmadd(b3i, b3i, f64x2.mul(b3r, b3r));
  const t2i = f64x2.relaxed_madd(b3i, b3r, f64x2.mul(b3r, b3i));
  v128.store(
    b,
    f64x2.add(
      f64x2.relaxed_nmadd(
        b1i,
        b1i,
        f64x2.relaxed_madd(b1r, b1r, f64x2.relaxed_nmadd(d0i, b2i, f64x2.mul(d0r, b2r))),
      ),
      f64x2.relaxed_nmadd(t2i, rootI, f64x2.mul(t2r, rootR)),
    ),
    64,
  );
  v128.store(
    b,
    f64x2.add(
      f64x2.relaxed_madd(
        b1i,
        b1r,
        f64x2.relaxed_madd(b1r, b1i, f64x2.relaxed_madd(d0i, b2r, f64x2.mul(d0r, b2i))),
      ),
      f64x2.relaxed_madd(t2i, rootR, f64x2.mul(t2r, rootI)),
    ),
    80,
  );
  v128.store(
    b,
    f64x2.relaxed_nmadd(
      d1i,
      b2i,
      f64x2.relaxed_madd(d1r, b2r, f64x2.relaxed_nmadd(d0i, b3i, f64x2.mul(d0r, b3r))),
    ),
    96,
  );
  v128.store(
    b,
    f64x2.relaxed_madd(
      d1i,
      b2r,
      f64x2.relaxed_madd(d1r, b2i, f64x2.relaxed_madd(d0i, b3r, f64x2.mul(d0r, b3i))),
    ),
    112,
  );
}
