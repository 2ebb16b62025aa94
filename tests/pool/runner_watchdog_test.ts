import { assertEquals, assertStrictEquals } from "@std/assert";
import { checkpoint, type Current, current } from "../../lib/pool/inside/current.ts";
import { StoppedError } from "../../lib/pool/errors.ts";
import { Cell } from "../../lib/pool/sending/protocol.ts";
import { watchdog } from "../../lib/pool/watchdog.ts";
import { endless, Fixture, limited } from "./runner_fixture.ts";

Deno.test("Runner runs calls with near limits under one watchdog, which has the latest of them", async () => {
  const self = new Fixture();
  const answers = await self.run([
    ["a", limited(100)],
    ["b", limited(110)],
    ["c", limited(90)],
    ["d", limited(95)],
  ]);
  assertEquals(self.limits, [110]);
  assertEquals(answers.map(({ kind }) => kind), Array(4).fill("value"));
});

Deno.test("Runner gives a call a watchdog of its own if its limit is more than 10 ms off", async () => {
  const self = new Fixture();
  await self.run([
    ["a", limited(100)],
    ["b", limited(111)],
    ["c", limited(100)],
    ["d", limited(89)],
    ["e", limited(89)],
  ]);
  assertEquals(self.limits, [100, 111, 100, 89]);
  assertEquals(self.log.slice(0, -1), ["a", "b", "c", "d", "e"]);
});

Deno.test("Runner measures how far limits are apart from the first that shares the watchdog", async () => {
  const self = new Fixture();
  await self.run([["a", limited(100)], ["b", limited(108)], ["c", limited(116)]]);
  assertEquals(self.limits, [108, 116]);
});

Deno.test("Runner runs calls without a limit under no watchdog, apart from those with one", async () => {
  const self = new Fixture();
  await self.run([["a"], ["b", limited(5)], ["c", limited(1)], ["d"], ["e"]]);
  assertEquals(self.limits, [5]);
  assertEquals(self.log.slice(0, -1), ["a", "b", "c", "d", "e"]);
});

Deno.test("Runner lets no call share a watchdog that has run for 10 ms or more", async () => {
  const self: Fixture = new Fixture({ long: () => void (self.nowMs += 10) });
  await self.run([["long", limited(100)], ["b", limited(100)], ["c", limited(100)]]);
  assertEquals(self.limits, [100, 100]);
});

Deno.test("Runner answers 'stopped' to the call that the watchdog cuts, and runs those behind it", async () => {
  // The real one: nothing else passes by every catch and finally.
  const self = new Fixture({ endless }, watchdog);
  await self.run([
    ["a", limited(50)],
    ["endless", limited(50)],
    ["c", limited(50)],
    ["d", limited(50)],
  ]);
  assertEquals(self.log, [
    "a",
    "endless",
    "c",
    "d",
    'last: 0 value "A", 1 stopped, 2 value "C", 3 value "D"',
  ]);
  assertEquals([...self.cells.slice(0, 4)], Array(4).fill(Cell.DONE));
});

Deno.test("Runner tells no call twice that it answered before the watchdog cut another", async () => {
  const self = new Fixture({ endless }, watchdog);
  await self.run([
    ["a", { limitMs: 50, pure: false }],
    ["endless", { limitMs: 50, pure: false }],
    ["c", { limitMs: 50, pure: false }],
  ]);
  assertEquals(self.log, [
    "a",
    'early: 0 value "A"',
    "endless",
    "c",
    'last: 1 stopped, 2 value "C"',
  ]);
});

Deno.test.each(["before the first", "after the last"])(
  "Runner loses no call if the watchdog strikes %s",
  async (when) => {
    let strikes = 0;
    const self = new Fixture({}, (run) => {
      const strike = strikes++ === 0;
      if (!strike) return run();
      if (when === "after the last") run();
      throw new StoppedError("time is up");
    });
    await self.run([["a", limited(50)], ["b", limited(50)]]);
    assertEquals(self.log, ["a", "b", 'last: 0 value "A", 1 value "B"']);
  },
);

Deno.test("Runner loses no call if the watchdog strikes between two of them", async () => {
  const self = new Fixture();
  const impure = { limitMs: 50, pure: false };
  // The first thing to happen between an early answer and the next call is a look at the time.
  self.onEarly = () => {
    self.onLook = () => {
      self.onLook = () => {};
      throw new StoppedError("time is up");
    };
  };
  await self.run([["a", impure], ["b", impure], ["c", impure]]);
  assertEquals(self.log, [
    "a",
    'early: 0 value "A"',
    "b",
    'early: 1 value "B"',
    "c",
    'last: 2 value "C"',
  ]);
  assertEquals(self.limits, [50, 50, 50]);
});

Deno.test("Runner ends its worker if the watchdog strikes while it tells: nobody knows what was told", async () => {
  const uncaught = Promise.withResolvers<unknown>();
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.resolve(event.error);
  };
  globalThis.addEventListener("error", caught);
  try {
    const self = new Fixture();
    const strike = new StoppedError("time is up");
    self.onEarly = () => {
      throw strike;
    };
    const impure = { limitMs: 50, pure: false };
    let answered = false;
    self.run([["a", impure], ["b", impure]]).then(() => answered = true);
    assertStrictEquals(await uncaught.promise, strike);
    assertEquals([self.log, answered], [["a"], false]);
  } finally {
    globalThis.removeEventListener("error", caught);
  }
});

Deno.test("Runner answers each call for itself if the watchdog strikes as an async method returns", async () => {
  let strikes = 0;
  const self = new Fixture({ slow: () => Promise.resolve("of slow") }, (run) => {
    const result = run();
    if (strikes++ === 0) throw new StoppedError("time is up");
    return result;
  });
  await self.run([["slow", limited(50)], ["b", limited(50)]]);
  assertEquals(self.log, ["slow", 'early: 0 value "of slow"', "b", 'last: 1 value "B"']);
});

Deno.test("checkpoint() does nothing outside a call, the one that the watchdog cut included", async () => {
  const self = new Fixture({ endless }, watchdog);
  await self.run([["endless", limited(20)]]);
  self.cells[0] = Cell.CANCELLED;
  checkpoint();
});

Deno.test("what a cut call has left behind neither reports nor stops for the next one in its cell", async () => {
  let left: Current | undefined;
  const self = new Fixture({
    cut() {
      left = current();
      endless();
    },
    next: () => left!.report("stray"),
  }, watchdog);
  await self.run([["cut", { limitMs: 50, reports: "latest" }]]);
  self.cells[0] = Cell.SENT;
  await self.run([["next", { reports: "latest" }]]);
  assertEquals(self.log, ["cut", "last: 0 stopped", "next", "last: 0 value undefined"]);
  self.cells[0] = Cell.CANCELLED;
  left!.checkpoint();
  assertEquals(left!.signal.aborted, false);
});

Deno.test("Runner leaves a call with a carrier to guard itself", async () => {
  const self = new Fixture();
  const carrier = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  await self.run([
    ["a", limited(100)],
    ["traced", { limitMs: 105, carrier }],
    ["b", limited(100)],
    ["free", { carrier }],
  ]);
  // One for what is before, one of its own, one for what is behind; none where there is no limit.
  assertEquals(self.limits, [100, 105, 100]);
  assertEquals(self.log, [
    "a",
    'early: 0 value "A"',
    "traced",
    'early: 1 value "TRACED"',
    "b",
    'early: 2 value "B"',
    "free",
    'last: 3 value "FREE"',
  ]);
});

Deno.test("Runner answers 'stopped' to a call with a carrier that its own watchdog cuts", async () => {
  const self = new Fixture({ endless }, watchdog);
  const carrier = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
  const answers = await self.run([["endless", { limitMs: 20, carrier }], ["b"]]);
  assertEquals(self.log, ["endless", "early: 0 stopped", "b", 'last: 1 value "B"']);
  assertStrictEquals(answers[0].cell, 1);
});
