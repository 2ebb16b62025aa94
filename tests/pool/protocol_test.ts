import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Answer,
  type Call,
  CELLS,
  packAnswers,
  packCalls,
  unpackAnswers,
  unpackCalls,
} from "../../lib/pool/sending/protocol.ts";
import { encodeError } from "../../lib/pool/error_codec.ts";

/** Whatever can be cloned, and comes back equal. */
const anyValue = fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true });
const anyCell = fc.nat(CELLS - 1);
const anyMs = fc.double({ min: 0, max: 1e9, noNaN: true });

const anyCall: fc.Arbitrary<Call> = fc.record({
  cell: anyCell,
  method: fc.string(),
  args: fc.array(anyValue, { maxLength: 5 }),
  limitMs: fc.nat(),
  pure: fc.boolean(),
  reports: fc.constantFrom(undefined, "latest", "all"),
  carrier: fc.option(fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }), {
    nil: undefined,
  }),
});

const anyAnswer: fc.Arbitrary<Answer> = fc.oneof(
  fc.record({ cell: anyCell, kind: fc.constant("value" as const), value: anyValue, runMs: anyMs }),
  fc.record({
    cell: anyCell,
    kind: fc.constantFrom("error" as const, "unsent" as const),
    value: fc.oneof(anyValue, fc.string().map((message) => new RangeError(message)))
      .map((thrown) => encodeError(thrown)),
    runMs: anyMs,
  }),
  fc.record({
    cell: anyCell,
    kind: fc.constantFrom("stopped" as const, "skipped" as const),
    value: fc.constant(undefined),
    runMs: anyMs,
  }),
);

Deno.test("unpackCalls() undoes packCalls(), whatever the arguments, with a carrier or without", () => {
  fc.assert(fc.property(fc.array(anyCall, { maxLength: 5 }), (calls) => {
    assertEquals(unpackCalls(packCalls(calls)), calls);
  }));
});

Deno.test("unpackCalls() undoes packCalls() on the other side of a clone", () => {
  const args = fc.array(fc.jsonValue(), { maxLength: 5 });
  const calls = fc.array(fc.tuple(anyCall, args).map(([call, args]) => ({ ...call, args })));
  fc.assert(fc.property(calls, (calls) => {
    assertEquals(unpackCalls(structuredClone(packCalls(calls))), structuredClone(calls));
  }));
});

Deno.test("packCalls() takes an argument that looks like a call for what it is", () => {
  const inner = { method: "inner", limitMs: 1, pure: true, reports: undefined, carrier: undefined };
  const call: Call = {
    ...inner,
    cell: 1,
    args: [...packCalls([{ ...inner, cell: 2, args: [3] }])],
  };
  const behind: Call = { ...inner, cell: 4, args: [] };
  assertEquals(unpackCalls(packCalls([call, behind])), [call, behind]);
});

Deno.test("unpackCalls() counts arguments that are undefined, or holes", () => {
  const call: Call = {
    cell: 0,
    method: "m",
    // deno-lint-ignore no-sparse-arrays -- a caller may have one
    args: [undefined, , undefined],
    limitMs: 0,
    pure: false,
    reports: undefined,
    carrier: undefined,
  };
  const [{ args }] = unpackCalls(packCalls([call]));
  assertEquals([args.length, ...args], [3, undefined, undefined, undefined]);
});

Deno.test("unpackAnswers() undoes packAnswers(), whatever the answers", () => {
  fc.assert(fc.property(fc.array(anyAnswer, { maxLength: 8 }), (answers) => {
    assertEquals(unpackAnswers(packAnswers(answers)), answers);
  }));
});

Deno.test.each<[string, Pick<Answer, "kind" | "value" | "runMs">]>([
  ["undefined", { kind: "value", value: undefined, runMs: 0 }],
  ["what looks like an answer", {
    kind: "value",
    value: ["value", 0, { kind: "error" }],
    runMs: 1,
  }],
  ["an error", { kind: "error", value: encodeError(new TypeError("own")), runMs: 0.125 }],
  ["what was thrown and is no error", { kind: "error", value: encodeError("thrown"), runMs: 1 }],
  ["a call that was stopped", { kind: "stopped", value: undefined, runMs: 20 }],
  ["a call that was skipped", { kind: "skipped", value: undefined, runMs: 0 }],
  [
    "a call that could not be posted",
    { kind: "unsent", value: encodeError(new TypeError("own")), runMs: 0 },
  ],
])("unpackAnswers() undoes packAnswers() on the other side of a clone: %s", (_, answer) => {
  const answers = [{ cell: 3, ...answer }, { cell: 4, ...answer }] as Answer[];
  assertEquals(unpackAnswers(structuredClone(packAnswers(answers))), answers);
});
