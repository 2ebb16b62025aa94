import { assert, assertEquals } from "@std/assert";
import { fastestHeap } from "../../../lib/fibonacci/decimal/heap.ts";
import { MODULE } from "../../../lib/fibonacci/decimal/wasm_module.ts";
import { testWith } from "../../permissions.ts";

testWith(
  [{ name: "read" }, { name: "env" }],
  "wasm_module.ts is what its source gives",
  async () => {
    // Not above: the compiler looks at its environment as soon as it is imported.
    const { generate } = await import("../../../tools/kernel_wasm.ts");
    const committed = new URL("../../../lib/fibonacci/decimal/wasm_module.ts", import.meta.url);
    assertEquals(await generate(), await Deno.readTextFile(committed));
  },
);

Deno.test("MODULE imports its memory and nothing else", () => {
  const module = new WebAssembly.Module(Uint8Array.fromBase64(MODULE));
  assertEquals(WebAssembly.Module.imports(module), [
    { module: "env", name: "memory", kind: "memory" },
  ]);
});

Deno.test("fastestHeap() takes WebAssembly where there is one", () => {
  assertEquals(fastestHeap(100_000).doubles.byteLength % 65_536, 0);
});

testWith(
  [{ name: "read" }, { name: "run" }],
  "fastestHeap() does without WebAssembly",
  async () => {
    const fibonacci = new URL("../../../lib/fibonacci/mod.ts", import.meta.url);
    const code = `
    delete globalThis.WebAssembly;
    const { fibonacci } = await import("${fibonacci}");
    console.log(new TextDecoder().decode(fibonacci(100_000)).slice(0, 10));
  `;
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", code],
    }).output();
    assert(success);
    assertEquals(new TextDecoder().decode(stdout), "2597406934\n");
  },
);
