import type { Heap } from "./kernel.ts";
import { scriptHeap } from "./script_kernel.ts";
import { wasmHeap } from "./wasm_kernel.ts";

let canCompile: boolean | undefined;

/**
 * Makes a heap with the fastest loops that the engine has: those in JavaScript take twice as long, and run
 * where WebAssembly is missing, has no relaxed vectors, or is forbidden by a content security policy.
 */
export function fastestHeap(bytes: number): Heap {
  if (canCompile === undefined) {
    try {
      wasmHeap(0);
      canCompile = true;
    } catch {
      canCompile = false;
    }
  }
  return canCompile ? wasmHeap(bytes) : scriptHeap(bytes);
}
