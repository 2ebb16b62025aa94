/**
 * Multiplies large decimal numbers, by a floating-point FFT over limbs of decimal digits, in WebAssembly. Rounding is
 * proved right beforehand, and results are tested modulo two primes. Nothing is ever binary, so that nothing is
 * converted. It imports nothing.
 *
 * {@linkcode multiply} is the whole of it in one call. The rest is for those who combine several products before
 * they are carried, or keep numbers as limbs from one product to the next. The README has the mathematics.
 *
 * @module
 */

export { errorBound } from "./bound.ts";
export type { Checkpoint } from "./checkpoint.ts";
export { Convolution, type Weights } from "./convolution.ts";
export type { Heap, HeapFactory, Kernel, Radix } from "./kernel.ts";
export { limbWidth, MAX_DIGITS, productLimbs } from "./limb_width.ts";
export { digitsOf } from "./digits_of.ts";
export { store } from "./limbs.ts";
export { multiply } from "./multiply.ts";
export { makePlan, type Plan, type Shape } from "./plan.ts";
export { PRIMES } from "./residues.ts";
export { isSupported, wasmHeap } from "./wasm_heap.ts";
export { withWorkspace, type Workspace } from "./workspace.ts";
