import type { HeapFactory } from "../../../lib/fibonacci/decimal/kernel.ts";
import { scriptHeap } from "../../../lib/fibonacci/decimal/script_kernel.ts";
import { wasmHeap } from "../../../lib/fibonacci/decimal/wasm_kernel.ts";

/** Every set of loops there is: one contract, one suite. */
export const KERNELS: Readonly<Record<string, HeapFactory>> = {
  JavaScript: scriptHeap,
  WebAssembly: wasmHeap,
};

export function nothing(): void {}
