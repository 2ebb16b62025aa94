import { assert, assertEquals } from "@std/assert";
import { isSupported, wasmHeap } from "../../lib/big_decimal/mod.ts";
import { MODULE } from "../../lib/big_decimal/wasm_module.ts";
import { testWith } from "../permissions.ts";

const root = new URL("../../", import.meta.url);

/** Runs `deno` and tells how that ended. */
async function deno(...args: string[]) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { success, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

testWith(
  [{ name: "run" }, { name: "read" }],
  "wasm_module.ts is what its source gives",
  async () => {
    const { success, stderr } = await deno("task", "wasm", "--check");
    assert(success, stderr);
  },
);

Deno.test("MODULE imports its memory and nothing else", () => {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(MODULE));
  assertEquals(WebAssembly.Module.imports(module), [
    { module: "env", name: "memory", kind: "memory" },
  ]);
});

Deno.test("wasmHeap() makes whole pages, all of them 0", () => {
  assert(isSupported());
  const { doubles } = wasmHeap(100_000);
  assertEquals(doubles.byteLength, 2 * 65_536);
  assert(doubles.every((double) => double === 0));
});

testWith([{ name: "run" }], "fibonacci() does without WebAssembly", async () => {
  const code = `
    delete globalThis.WebAssembly;
    const { fibonacci, loadKernels } = await import("${new URL("lib/fibonacci/mod.ts", root)}");
    await loadKernels();
    console.log(new TextDecoder().decode(fibonacci(100_000)).slice(0, 10));
  `;
  const { success, stdout, stderr } = await deno("eval", "--no-check", code);
  assert(success, stderr);
  assertEquals(stdout, "2597406934\n");
});
