import { assertEquals, assertInstanceOf } from "@std/assert";
import { checkpoint } from "../../lib/pool/inside/current.ts";
import { decodeError } from "../../lib/pool/error_codec.ts";
import { Cell } from "../../lib/pool/sending/protocol.ts";
import { transfer } from "../../lib/pool/inside/replies.ts";
import { Fixture } from "./runner_fixture.ts";

Deno.test("Runner answers a call that is not pure before the next one starts", async () => {
  const self = new Fixture();
  const impure = { pure: false };
  await self.run([["a"], ["b", impure], ["c", impure], ["d"], ["e", impure]]);
  assertEquals(self.log, [
    "a",
    "b",
    'early: 0 value "A", 1 value "B"',
    "c",
    'early: 2 value "C"',
    "d",
    "e",
    'last: 3 value "D", 4 value "E"',
  ]);
});

Deno.test("Runner answers pure calls with the last", async () => {
  const self = new Fixture();
  await self.run([["a"], ["b"], ["c"]]);
  assertEquals(self.log, ["a", "b", "c", 'last: 0 value "A", 1 value "B", 2 value "C"']);
});

Deno.test("Runner holds no answer for longer than half a millisecond of work", async () => {
  const self: Fixture = new Fixture({ long: () => void (self.nowMs += 0.51) });
  await self.run([["a"], ["long"], ["b"]]);
  assertEquals(self.log, [
    "a",
    "long",
    'early: 0 value "A", 1 value undefined',
    "b",
    'last: 2 value "B"',
  ]);
});

Deno.test("Runner gives an object that is returned twice to each caller for itself", async () => {
  const shared = {};
  const self = new Fixture({ same: () => shared });
  await self.run([["same"], ["same"], ["a"]]);
  assertEquals(self.log, [
    "same",
    "early: 0 value {}",
    "same",
    "early: 1 value {}",
    "a",
    'last: 2 value "A"',
  ]);
});

Deno.test("Runner answers an object in a message of its own, moved parts and all", async () => {
  const bytes = new Uint8Array(8);
  const self = new Fixture({ moved: () => transfer(bytes, [bytes.buffer]) });
  await self.run([["a"], ["moved"], ["b"]]);
  assertEquals(self.log.filter((line) => /^early/.test(line)).length, 2);
  assertEquals(self.log.at(2), 'early: 0 value "A"');
  assertEquals(self.log.at(-1), 'last: 2 value "B"');
});

Deno.test("Runner waits for an async method before it starts the next call", async () => {
  const gate = Promise.withResolvers<string>();
  const self = new Fixture({ slow: () => gate.promise });
  const answers = self.run([["a"], ["slow"], ["b"]]);
  const other = self.run([["c"]], 8);
  // What was done before it is not held until it ends.
  assertEquals(self.log, ["a", "slow", 'early: 0 value "A"']);
  gate.resolve("at last");
  await Promise.all([answers, other]);
  const isTold = (line: string) => line.includes(":");
  assertEquals(self.log.filter((line) => !isTold(line)), ["a", "slow", "b", "c"]);
  assertEquals(self.log.filter(isTold), [
    'early: 0 value "A"',
    'early: 1 value "at last"',
    'last: 2 value "B"',
    'last: 8 value "C"',
  ]);
});

Deno.test("Runner answers the failure of an async method, and goes on", async () => {
  const self = new Fixture({
    // deno-lint-ignore require-await -- it is to reject, not to throw
    rejects: async () => {
      throw new RangeError("own");
    },
  });
  const [last] = await self.run([["a"], ["rejects"], ["b"]]);
  assertEquals(self.log, [
    "a",
    "rejects",
    'early: 0 value "A"',
    "early: 1 error",
    "b",
    'last: 2 value "B"',
  ]);
  assertEquals(last.kind, "value");
});

Deno.test("Runner answers what a method throws, and goes on", async () => {
  const self = new Fixture({
    throws: () => {
      throw new RangeError("own");
    },
  });
  const answers = await self.run([["a"], ["throws"], ["b"]]);
  const [, answer] = answers;
  if (answer.kind !== "error") throw new Error(answer.kind);
  assertInstanceOf(decodeError(answer.value), RangeError);
  assertEquals(self.log, ["a", "throws", "b", 'last: 0 value "A", 1 error, 2 value "B"']);
});

Deno.test("Runner skips what was withdrawn, without a word to its method", async () => {
  const self = new Fixture();
  self.cells[1] = Cell.WITHDRAWN;
  await self.run([["a"], ["b"], ["c"]]);
  assertEquals(self.log, ["a", "c", 'last: 0 value "A", 1 skipped, 2 value "C"']);
});

Deno.test("Runner stops a call at its checkpoint once it is cancelled, and no other", async () => {
  const self: Fixture = new Fixture({
    cancelled: () => {
      checkpoint();
      self.cells[1] = Cell.CANCELLED;
      checkpoint();
      self.log.push("went on");
    },
    other: () => checkpoint(),
  });
  await self.run([["other"], ["cancelled"], ["other"]]);
  checkpoint();
  assertEquals(self.log, [
    "other",
    "cancelled",
    "other",
    "last: 0 value undefined, 1 stopped, 2 value undefined",
  ]);
});
