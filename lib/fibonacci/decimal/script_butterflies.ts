/**
 * The passes of {@linkcode Kernel} in JavaScript. Here `m` counts doubles, not elements: 4 for each.
 */
type Pass = (x: Float64Array, at: number, m: number, nodes: number, twiddles: number) => void;

const SIN_3 = Math.sqrt(3) / 2;
const COS_5_1 = (Math.sqrt(5) - 1) / 4;
const COS_5_2 = (-Math.sqrt(5) - 1) / 4;
const SIN_5_1 = Math.sqrt(10 + 2 * Math.sqrt(5)) / 4;
const SIN_5_2 = Math.sqrt(10 - 2 * Math.sqrt(5)) / 4;

export const forward2: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 2 * m, twiddles += 4) {
    for (let lane = 0; lane < 2; lane++) {
      const wr = x[twiddles + lane], wi = x[twiddles + lane + 2];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const q = p + m;
        const ar = x[p], ai = x[p + 2], br = x[q], bi = x[q + 2];
        const tr = br * wr - bi * wi;
        const ti = br * wi + bi * wr;
        x[p] = ar + tr;
        x[p + 2] = ai + ti;
        x[q] = ar - tr;
        x[q + 2] = ai - ti;
      }
    }
  }
};

export const inverse2: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 2 * m, twiddles += 4) {
    for (let lane = 0; lane < 2; lane++) {
      const wr = x[twiddles + lane], wi = x[twiddles + lane + 2];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const q = p + m;
        const ar = x[p], ai = x[p + 2], br = x[q], bi = x[q + 2];
        const dr = ar - br, di = ai - bi;
        x[p] = ar + br;
        x[p + 2] = ai + bi;
        x[q] = dr * wr + di * wi;
        x[q + 2] = di * wr - dr * wi;
      }
    }
  }
};

export const forward3: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 3 * m, twiddles += 8) {
    for (let lane = 0; lane < 2; lane++) {
      const t = twiddles + lane;
      const ur = x[t], ui = x[t + 2], vr = x[t + 4], vi = x[t + 6];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const q = p + m, r = p + 2 * m;
        const br = x[q] * ur - x[q + 2] * ui;
        const bi = x[q] * ui + x[q + 2] * ur;
        const cr = x[r] * vr - x[r + 2] * vi;
        const ci = x[r] * vi + x[r + 2] * vr;
        const sr = br + cr, si = bi + ci;
        // i sin(120°) (b - c)
        const dr = SIN_3 * (ci - bi), di = SIN_3 * (br - cr);
        const er = x[p] - 0.5 * sr, ei = x[p + 2] - 0.5 * si;
        x[p] += sr;
        x[p + 2] += si;
        x[q] = er + dr;
        x[q + 2] = ei + di;
        x[r] = er - dr;
        x[r + 2] = ei - di;
      }
    }
  }
};

export const inverse3: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 3 * m, twiddles += 8) {
    for (let lane = 0; lane < 2; lane++) {
      const t = twiddles + lane;
      const ur = x[t], ui = x[t + 2], vr = x[t + 4], vi = x[t + 6];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const q = p + m, r = p + 2 * m;
        const sr = x[q] + x[r], si = x[q + 2] + x[r + 2];
        const dr = SIN_3 * (x[q + 2] - x[r + 2]), di = SIN_3 * (x[r] - x[q]);
        const er = x[p] - 0.5 * sr, ei = x[p + 2] - 0.5 * si;
        const br = er + dr, bi = ei + di, cr = er - dr, ci = ei - di;
        x[p] += sr;
        x[p + 2] += si;
        x[q] = br * ur + bi * ui;
        x[q + 2] = bi * ur - br * ui;
        x[r] = cr * vr + ci * vi;
        x[r + 2] = ci * vr - cr * vi;
      }
    }
  }
};

export const forward4: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 4 * m, twiddles += 12) {
    for (let lane = 0; lane < 2; lane++) {
      const t = twiddles + lane;
      const ur = x[t], ui = x[t + 2], vr = x[t + 4], vi = x[t + 6], wr = x[t + 8], wi = x[t + 10];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const q = p + m, r = p + 2 * m, s = p + 3 * m;
        const br = x[q] * ur - x[q + 2] * ui;
        const bi = x[q] * ui + x[q + 2] * ur;
        const cr = x[r] * vr - x[r + 2] * vi;
        const ci = x[r] * vi + x[r + 2] * vr;
        const dr = x[s] * wr - x[s + 2] * wi;
        const di = x[s] * wi + x[s + 2] * wr;
        const ar = x[p], ai = x[p + 2];
        const er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
        const gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
        x[p] = er + gr;
        x[p + 2] = ei + gi;
        x[q] = fr - hi;
        x[q + 2] = fi + hr;
        x[r] = er - gr;
        x[r + 2] = ei - gi;
        x[s] = fr + hi;
        x[s + 2] = fi - hr;
      }
    }
  }
};

export const inverse4: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 4 * m, twiddles += 12) {
    for (let lane = 0; lane < 2; lane++) {
      const t = twiddles + lane;
      const ur = x[t], ui = x[t + 2], vr = x[t + 4], vi = x[t + 6], wr = x[t + 8], wi = x[t + 10];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const q = p + m, r = p + 2 * m, s = p + 3 * m;
        const ar = x[p], ai = x[p + 2], br = x[q], bi = x[q + 2];
        const cr = x[r], ci = x[r + 2], dr = x[s], di = x[s + 2];
        const er = ar + cr, ei = ai + ci, fr = ar - cr, fi = ai - ci;
        const gr = br + dr, gi = bi + di, hr = br - dr, hi = bi - di;
        x[p] = er + gr;
        x[p + 2] = ei + gi;
        const kr = fr + hi, ki = fi - hr, lr = er - gr, li = ei - gi;
        const mr = fr - hi, mi = fi + hr;
        x[q] = kr * ur + ki * ui;
        x[q + 2] = ki * ur - kr * ui;
        x[r] = lr * vr + li * vi;
        x[r + 2] = li * vr - lr * vi;
        x[s] = mr * wr + mi * wi;
        x[s + 2] = mi * wr - mr * wi;
      }
    }
  }
};

export const forward5: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 5 * m, twiddles += 16) {
    for (let lane = 0; lane < 2; lane++) {
      const t = twiddles + lane;
      const w1r = x[t], w1i = x[t + 2], w2r = x[t + 4], w2i = x[t + 6];
      const w3r = x[t + 8], w3i = x[t + 10], w4r = x[t + 12], w4i = x[t + 14];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const p1 = p + m, p2 = p + 2 * m, p3 = p + 3 * m, p4 = p + 4 * m;
        const b1r = x[p1] * w1r - x[p1 + 2] * w1i;
        const b1i = x[p1] * w1i + x[p1 + 2] * w1r;
        const b2r = x[p2] * w2r - x[p2 + 2] * w2i;
        const b2i = x[p2] * w2i + x[p2 + 2] * w2r;
        const b3r = x[p3] * w3r - x[p3 + 2] * w3i;
        const b3i = x[p3] * w3i + x[p3 + 2] * w3r;
        const b4r = x[p4] * w4r - x[p4 + 2] * w4i;
        const b4i = x[p4] * w4i + x[p4 + 2] * w4r;
        const s1r = b1r + b4r, s1i = b1i + b4i, s2r = b2r + b3r, s2i = b2i + b3i;
        const d1r = b1r - b4r, d1i = b1i - b4i, d2r = b2r - b3r, d2i = b2i - b3i;
        const ar = x[p], ai = x[p + 2];
        const e1r = ar + COS_5_1 * s1r + COS_5_2 * s2r;
        const e1i = ai + COS_5_1 * s1i + COS_5_2 * s2i;
        const e2r = ar + COS_5_2 * s1r + COS_5_1 * s2r;
        const e2i = ai + COS_5_2 * s1i + COS_5_1 * s2i;
        const f1r = SIN_5_1 * d1r + SIN_5_2 * d2r;
        const f1i = SIN_5_1 * d1i + SIN_5_2 * d2i;
        const f2r = SIN_5_2 * d1r - SIN_5_1 * d2r;
        const f2i = SIN_5_2 * d1i - SIN_5_1 * d2i;
        x[p] = ar + s1r + s2r;
        x[p + 2] = ai + s1i + s2i;
        x[p1] = e1r - f1i;
        x[p1 + 2] = e1i + f1r;
        x[p2] = e2r - f2i;
        x[p2 + 2] = e2i + f2r;
        x[p3] = e2r + f2i;
        x[p3 + 2] = e2i - f2r;
        x[p4] = e1r + f1i;
        x[p4 + 2] = e1i - f1r;
      }
    }
  }
};

export const inverse5: Pass = (x, at, m, nodes, twiddles) => {
  for (let node = 0; node < nodes; node++, at += 5 * m, twiddles += 16) {
    for (let lane = 0; lane < 2; lane++) {
      const t = twiddles + lane;
      const w1r = x[t], w1i = x[t + 2], w2r = x[t + 4], w2i = x[t + 6];
      const w3r = x[t + 8], w3i = x[t + 10], w4r = x[t + 12], w4i = x[t + 14];
      for (let p = at + lane, end = p + m; p < end; p += 4) {
        const p1 = p + m, p2 = p + 2 * m, p3 = p + 3 * m, p4 = p + 4 * m;
        const s1r = x[p1] + x[p4], s1i = x[p1 + 2] + x[p4 + 2];
        const s2r = x[p2] + x[p3], s2i = x[p2 + 2] + x[p3 + 2];
        const d1r = x[p1] - x[p4], d1i = x[p1 + 2] - x[p4 + 2];
        const d2r = x[p2] - x[p3], d2i = x[p2 + 2] - x[p3 + 2];
        const ar = x[p], ai = x[p + 2];
        const e1r = ar + COS_5_1 * s1r + COS_5_2 * s2r;
        const e1i = ai + COS_5_1 * s1i + COS_5_2 * s2i;
        const e2r = ar + COS_5_2 * s1r + COS_5_1 * s2r;
        const e2i = ai + COS_5_2 * s1i + COS_5_1 * s2i;
        const f1r = SIN_5_1 * d1r + SIN_5_2 * d2r;
        const f1i = SIN_5_1 * d1i + SIN_5_2 * d2i;
        const f2r = SIN_5_2 * d1r - SIN_5_1 * d2r;
        const f2i = SIN_5_2 * d1i - SIN_5_1 * d2i;
        x[p] = ar + s1r + s2r;
        x[p + 2] = ai + s1i + s2i;
        const b1r = e1r + f1i, b1i = e1i - f1r, b4r = e1r - f1i, b4i = e1i + f1r;
        const b2r = e2r + f2i, b2i = e2i - f2r, b3r = e2r - f2i, b3i = e2i + f2r;
        x[p1] = b1r * w1r + b1i * w1i;
        x[p1 + 2] = b1i * w1r - b1r * w1i;
        x[p2] = b2r * w2r + b2i * w2i;
        x[p2 + 2] = b2i * w2r - b2r * w2i;
        x[p3] = b3r * w3r + b3i * w3i;
        x[p3 + 2] = b3i * w3r - b3r * w3i;
        x[p4] = b4r * w4r + b4i * w4i;
        x[p4 + 2] = b4i * w4r - b4r * w4i;
      }
    }
  }
};
