import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertNotMatch,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { appendStack, decodeError, encodeError } from "../../lib/pool/error_codec.ts";

/** There and back, across a real structured clone. */
function travel(error: unknown): unknown {
  return decodeError(structuredClone(encodeError(error)));
}

Deno.test("an error keeps its name, message and stack", () => {
  const error = new TypeError("bad input");
  const arrived = travel(error);
  assertInstanceOf(arrived, TypeError);
  assertEquals([arrived.name, arrived.message, arrived.stack], [
    "TypeError",
    "bad input",
    error.stack,
  ]);
});

Deno.test("an error of a class of the worker's keeps the name of the class", () => {
  class QuotaError extends Error {
    override name = "QuotaError";
    constructor(readonly limit: number) {
      super("over the limit");
    }
  }
  const arrived = travel(new QuotaError(7)) as QuotaError;
  assertInstanceOf(arrived, Error);
  assertEquals([arrived.name, arrived.message, arrived.limit], ["QuotaError", "over the limit", 7]);
});

Deno.test("a chain of causes arrives whole", () => {
  const error = new Error("a", { cause: new RangeError("b", { cause: "a string at the end" }) });
  const arrived = travel(error) as Error;
  const cause = arrived.cause as Error;
  assertInstanceOf(cause, RangeError);
  assertEquals(cause.message, "b");
  assertEquals(cause.cause, "a string at the end");
});

Deno.test("an AggregateError keeps its errors", () => {
  const arrived = travel(new AggregateError([new TypeError("x"), "y"], "two"));
  assertInstanceOf(arrived, AggregateError);
  assertEquals(arrived.message, "two");
  assertInstanceOf(arrived.errors[0], TypeError);
  assertEquals(arrived.errors[1], "y");
});

Deno.test("a DOMException stays one", () => {
  const arrived = travel(new DOMException("took too long", "TimeoutError"));
  assertInstanceOf(arrived, DOMException);
  assertEquals([arrived.name, arrived.message], ["TimeoutError", "took too long"]);
});

Deno.test("a field of its own that its class has a getter for arrives too", () => {
  const error = new DOMException("m", "DataError");
  Object.defineProperty(error, "code", { value: "E_OWN", enumerable: true });
  assertEquals((travel(error) as { code: unknown }).code, "E_OWN");
});

Deno.test("own fields arrive, but for those that can't be cloned", () => {
  const error = Object.assign(new Error("e"), {
    code: "E_FIELD",
    detail: new Map([[1, new Date(0)]]),
    method() {},
  });
  const arrived = travel(error) as typeof error;
  assertEquals(arrived.code, "E_FIELD");
  assertEquals(arrived.detail, new Map([[1, new Date(0)]]));
  assertEquals("method" in arrived, false);
});

Deno.test("what is thrown and is no error arrives as it is, or as text", () => {
  assertEquals(travel("plain"), "plain");
  assertEquals(travel(undefined), undefined);
  assertEquals(travel({ code: 1 }), { code: 1 });
  assertEquals(travel(Symbol("odd")), "Symbol(odd)");
  assertEquals(travel(parseInt), String(parseInt));
});

Deno.test("a cycle of causes ends", () => {
  const error = new Error("round");
  error.cause = error;
  let depth = 0;
  for (let at: unknown = travel(error); at instanceof Error; at = at.cause) depth++;
  assertEquals(depth, 100);
});

Deno.test("an error whose parts throw when they are looked at arrives all the same", () => {
  const error = new Error("fine");
  Object.defineProperty(error, "trap", {
    enumerable: true,
    get() {
      throw new Error("trap");
    },
  });
  assertEquals((travel(error) as Error).message, "fine");
  Object.defineProperty(error, "message", {
    get() {
      throw new Error("worse");
    },
  });
  assertEquals(typeof travel(error), "string");
  const hostile = {
    get value() {
      throw new Error("clone me not");
    },
    toString() {
      throw new Error("nor this");
    },
  };
  assertEquals(travel(hostile), "[object Object]");
});

Deno.test("appendStack() puts the waiting frames below the error's own", () => {
  const error = travel(new Error("e")) as Error;
  appendStack(error, "Error\n    at theCaller (file:///a.ts:1:1)");
  assertStringIncludes(
    error.stack!,
    "    --- called from ---\n    at theCaller (file:///a.ts:1:1)",
  );
  const alone = travel(new Error("e")) as Error;
  for (const nobody of ["Error", "", undefined]) appendStack(alone, nobody);
  appendStack("not an error", "Error\n    at theCaller (file:///a.ts:1:1)");
  assertNotMatch(alone.stack!, /called from/);
});

Deno.test("encodeError() never throws and its result can always be cloned", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true }), (value) => {
      assert(structuredClone(encodeError(value)));
      assert(
        structuredClone(encodeError(Object.assign(new Error("e", { cause: value }), { value }))),
      );
    }),
  );
});
