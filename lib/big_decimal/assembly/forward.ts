// @ts-nocheck: AssemblyScript, whose vector types TypeScript does not know.

/**
 * The passes of `Kernel` for WebAssembly. Pointers count bytes; `m` too: 32 for each element. Both lanes of
 * an element are done at once, in a vector of real and one of imaginary parts.
 *
 * `relaxed_madd` rounds once where the machine has fused multiply-add, and twice where it has not.
 */

const SIN_3: f64 = 0.8660254037844386;
const COS_5_1: f64 = 0.30901699437494745;
const COS_5_2: f64 = -0.8090169943749475;
const SIN_5_1: f64 = 0.9510565162951535;
const SIN_5_2: f64 = 0.5877852522924731;

export function forward2(at: usize, m: usize, nodes: i32, twiddles: usize): void {
  for (let node = 0; node < nodes; node++) {
    const w1r = v128.load(twiddles, 0);
    const w1i = v128.load(twiddles, 16);
    for (const end = at + m; at < end; at += 32) {
      const p1 = at + m;
      const ar = v128.load(at);
      const ai = v128.load(at, 16);
      const xr = v128.load(p1);
      const xi = v128.load(p1, 16);
      const br = f64x2.relaxed_nmadd(xi, w1i, f64x2.mul(xr, w1r));
      const bi = f64x2.relaxed_madd(xi, w1r, f64x2.mul(xr, w1i));
      const sr = f64x2.add(ar, br);
      const si = f64x2.add(ai, bi);
      const dr = f64x2.sub(ar, br);
      const di = f64x2.sub(ai, bi);
      v128.store(at, sr);
      v128.store(at, si, 16);
      v128.store(p1, dr);
      v128.store(p1, di, 16);
    }
    at += 1 * m;
    twiddles += 32;
  }
}

export function forward3(at: usize, m: usize, nodes: i32, twiddles: usize): void {
  const sin = f64x2.splat(SIN_3);
  const half = f64x2.splat(0.5);
  for (let node = 0; node < nodes; node++) {
    const w1r = v128.load(twiddles, 0);
    const w1i = v128.load(twiddles, 16);
    const w2r = v128.load(twiddles, 32);
    const w2i = v128.load(twiddles, 48);
    for (const end = at + m; at < end; at += 32) {
      const p1 = at + m;
      const p2 = p1 + m;
      const ar = v128.load(at);
      const ai = v128.load(at, 16);
      const x1r = v128.load(p1);
      const x1i = v128.load(p1, 16);
      const x2r = v128.load(p2);
      const x2i = v128.load(p2, 16);
      const br = f64x2.relaxed_nmadd(x1i, w1i, f64x2.mul(x1r, w1r));
      const bi = f64x2.relaxed_madd(x1i, w1r, f64x2.mul(x1r, w1i));
      const cr = f64x2.relaxed_nmadd(x2i, w2i, f64x2.mul(x2r, w2r));
      const ci = f64x2.relaxed_madd(x2i, w2r, f64x2.mul(x2r, w2i));
      const sr = f64x2.add(br, cr);
      const si = f64x2.add(bi, ci);
      const dr = f64x2.mul(sin, f64x2.sub(br, cr));
      const di = f64x2.mul(sin, f64x2.sub(bi, ci));
      const er = f64x2.relaxed_nmadd(half, sr, ar);
      const ei = f64x2.relaxed_nmadd(half, si, ai);
      const or = f64x2.add(ar, sr);
      const oi = f64x2.add(ai, si);
      v128.store(at, or);
      v128.store(at, oi, 16);
      const y1r = f64x2.sub(er, di);
      const y1i = f64x2.add(ei, dr);
      v128.store(p1, y1r);
      v128.store(p1, y1i, 16);
      const y2r = f64x2.add(er, di);
      const y2i = f64x2.sub(ei, dr);
      v128.store(p2, y2r);
      v128.store(p2, y2i, 16);
    }
    at += 2 * m;
    twiddles += 64;
  }
}

export function forward4(at: usize, m: usize, nodes: i32, twiddles: usize): void {
  for (let node = 0; node < nodes; node++) {
    const w1r = v128.load(twiddles, 0);
    const w1i = v128.load(twiddles, 16);
    const w2r = v128.load(twiddles, 32);
    const w2i = v128.load(twiddles, 48);
    const w3r = v128.load(twiddles, 64);
    const w3i = v128.load(twiddles, 80);
    for (const end = at + m; at < end; at += 32) {
      const p1 = at + m;
      const p2 = p1 + m;
      const p3 = p2 + m;
      const ar = v128.load(at);
      const ai = v128.load(at, 16);
      const x1r = v128.load(p1);
      const x1i = v128.load(p1, 16);
      const x2r = v128.load(p2);
      const x2i = v128.load(p2, 16);
      const x3r = v128.load(p3);
      const x3i = v128.load(p3, 16);
      const cr = f64x2.relaxed_nmadd(x2i, w2i, f64x2.mul(x2r, w2r));
      const ci = f64x2.relaxed_madd(x2i, w2r, f64x2.mul(x2r, w2i));
      const er = f64x2.add(ar, cr);
      const ei = f64x2.add(ai, ci);
      const fr = f64x2.sub(ar, cr);
      const fi = f64x2.sub(ai, ci);
      const br = f64x2.relaxed_nmadd(x1i, w1i, f64x2.mul(x1r, w1r));
      const bi = f64x2.relaxed_madd(x1i, w1r, f64x2.mul(x1r, w1i));
      const dr = f64x2.relaxed_nmadd(x3i, w3i, f64x2.mul(x3r, w3r));
      const di = f64x2.relaxed_madd(x3i, w3r, f64x2.mul(x3r, w3i));
      const gr = f64x2.add(br, dr);
      const gi = f64x2.add(bi, di);
      const hr = f64x2.sub(br, dr);
      const hi = f64x2.sub(bi, di);
      const y0r = f64x2.add(er, gr);
      const y0i = f64x2.add(ei, gi);
      v128.store(at, y0r);
      v128.store(at, y0i, 16);
      const y1r = f64x2.sub(fr, hi);
      const y1i = f64x2.add(fi, hr);
      v128.store(p1, y1r);
      v128.store(p1, y1i, 16);
      const y2r = f64x2.sub(er, gr);
      const y2i = f64x2.sub(ei, gi);
      v128.store(p2, y2r);
      v128.store(p2, y2i, 16);
      const y3r = f64x2.add(fr, hi);
      const y3i = f64x2.sub(fi, hr);
      v128.store(p3, y3r);
      v128.store(p3, y3i, 16);
    }
    at += 3 * m;
    twiddles += 96;
  }
}

export function forward5(at: usize, m: usize, nodes: i32, twiddles: usize): void {
  const cos1 = f64x2.splat(COS_5_1);
  const cos2 = f64x2.splat(COS_5_2);
  const sin1 = f64x2.splat(SIN_5_1);
  const sin2 = f64x2.splat(SIN_5_2);
  for (let node = 0; node < nodes; node++) {
    const w1r = v128.load(twiddles, 0);
    const w1i = v128.load(twiddles, 16);
    const w2r = v128.load(twiddles, 32);
    const w2i = v128.load(twiddles, 48);
    const w3r = v128.load(twiddles, 64);
    const w3i = v128.load(twiddles, 80);
    const w4r = v128.load(twiddles, 96);
    const w4i = v128.load(twiddles, 112);
    for (const end = at + m; at < end; at += 32) {
      const p1 = at + m;
      const p2 = p1 + m;
      const p3 = p2 + m;
      const p4 = p3 + m;
      const ar = v128.load(at);
      const ai = v128.load(at, 16);
      const x1r = v128.load(p1);
      const x1i = v128.load(p1, 16);
      const b1r = f64x2.relaxed_nmadd(x1i, w1i, f64x2.mul(x1r, w1r));
      const b1i = f64x2.relaxed_madd(x1i, w1r, f64x2.mul(x1r, w1i));
      const x2r = v128.load(p2);
      const x2i = v128.load(p2, 16);
      const b2r = f64x2.relaxed_nmadd(x2i, w2i, f64x2.mul(x2r, w2r));
      const b2i = f64x2.relaxed_madd(x2i, w2r, f64x2.mul(x2r, w2i));
      const x3r = v128.load(p3);
      const x3i = v128.load(p3, 16);
      const b3r = f64x2.relaxed_nmadd(x3i, w3i, f64x2.mul(x3r, w3r));
      const b3i = f64x2.relaxed_madd(x3i, w3r, f64x2.mul(x3r, w3i));
      const x4r = v128.load(p4);
      const x4i = v128.load(p4, 16);
      const b4r = f64x2.relaxed_nmadd(x4i, w4i, f64x2.mul(x4r, w4r));
      const b4i = f64x2.relaxed_madd(x4i, w4r, f64x2.mul(x4r, w4i));
      const s1r = f64x2.add(b1r, b4r);
      const s1i = f64x2.add(b1i, b4i);
      const s2r = f64x2.add(b2r, b3r);
      const s2i = f64x2.add(b2i, b3i);
      const d1r = f64x2.sub(b1r, b4r);
      const d1i = f64x2.sub(b1i, b4i);
      const d2r = f64x2.sub(b2r, b3r);
      const d2i = f64x2.sub(b2i, b3i);
      const e1r = f64x2.relaxed_madd(cos2, s2r, f64x2.relaxed_madd(cos1, s1r, ar));
      const e2r = f64x2.relaxed_madd(cos1, s2r, f64x2.relaxed_madd(cos2, s1r, ar));
      const f1r = f64x2.relaxed_madd(sin2, d2r, f64x2.mul(sin1, d1r));
      const f2r = f64x2.relaxed_nmadd(sin1, d2r, f64x2.mul(sin2, d1r));
      const e1i = f64x2.relaxed_madd(cos2, s2i, f64x2.relaxed_madd(cos1, s1i, ai));
      const e2i = f64x2.relaxed_madd(cos1, s2i, f64x2.relaxed_madd(cos2, s1i, ai));
      const f1i = f64x2.relaxed_madd(sin2, d2i, f64x2.mul(sin1, d1i));
      const f2i = f64x2.relaxed_nmadd(sin1, d2i, f64x2.mul(sin2, d1i));
      const or = f64x2.add(f64x2.add(ar, s1r), s2r);
      const oi = f64x2.add(f64x2.add(ai, s1i), s2i);
      v128.store(at, or);
      v128.store(at, oi, 16);
      const y1r = f64x2.sub(e1r, f1i);
      const y1i = f64x2.add(e1i, f1r);
      v128.store(p1, y1r);
      v128.store(p1, y1i, 16);
      const y2r = f64x2.sub(e2r, f2i);
      const y2i = f64x2.add(e2i, f2r);
      v128.store(p2, y2r);
      v128.store(p2, y2i, 16);
      const y3r = f64x2.add(e2r, f2i);
      const y3i = f64x2.sub(e2i, f2r);
      v128.store(p3, y3r);
      v128.store(p3, y3i, 16);
      const y4r = f64x2.add(e1r, f1i);
      const y4i = f64x2.sub(e1i, f1r);
      v128.store(p4, y4r);
      v128.store(p4, y4i, 16);
    }
    at += 4 * m;
    twiddles += 128;
  }
}
