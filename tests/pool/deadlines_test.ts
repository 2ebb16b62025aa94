import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { patient } from "../../lib/pool/clock.ts";
import { Deadlines } from "../../lib/pool/queueing/deadlines.ts";
import { FakeClock } from "./fake_clock.ts";

/** Deadlines of names, and what was told of which, when. */
function fixture(passed?: (name: string, self: ReturnType<typeof fixture>) => void) {
  const clock = new FakeClock();
  const told: [name: string, at: number][] = [];
  const deadlines = new Deadlines<string>(clock, (name) => {
    told.push([name, clock.now()]);
    passed?.(name, self);
  });
  const set = (name: string, dueAt: number) => deadlines.set(name, dueAt, clock.now());
  const self = { clock, deadlines, told, set };
  return self;
}

Deno.test("Deadlines tells of each when it has passed, in the order of the deadlines", () => {
  const { clock, told, set } = fixture();
  for (const [name, at] of [["c", 30], ["a", 10], ["d", 40], ["b", 20]] as const) set(name, at);
  clock.advance(100);
  assertEquals(told, [["a", 10], ["b", 20], ["c", 30], ["d", 40]]);
});

Deno.test("Deadlines tells of those that passed together in the order of the deadlines", () => {
  const { clock, told, set } = fixture();
  clock.advance(50);
  for (const [name, at] of [["c", 30], ["a", 10], ["b", 20]] as const) set(name, at);
  assertEquals(told, []);
  clock.advance(0);
  assertEquals(told, [["a", 50], ["b", 50], ["c", 50]]);
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines sets one timer for many", () => {
  const { clock, told, set } = fixture();
  for (let i = 1_000; i > 0; i--) {
    set(String(i), i);
    assertEquals(clock.pending, 1);
  }
  clock.advance(500);
  assertEquals([told.length, clock.pending], [500, 1]);
  clock.advance(500);
  assertEquals([told.length, clock.pending], [1_000, 0]);
});

Deno.test("Deadlines.set() replaces a deadline by a later or an earlier one", () => {
  const { clock, told, set } = fixture();
  set("later", 10);
  set("later", 30);
  set("earlier", 40);
  set("earlier", 20);
  clock.advance(100);
  assertEquals(told, [["earlier", 20], ["later", 30]]);
});

Deno.test("Deadlines.set() to Infinity calls a deadline off, and is none where there was none", () => {
  const { clock, told, set } = fixture();
  set("never", Infinity);
  assertEquals(clock.pending, 0);
  set("off", 10);
  set("off", Infinity);
  clock.advance(1e9);
  assertEquals([told, clock.pending], [[], 0]);
});

Deno.test("Deadlines.delete() calls a deadline off, and its timer fires in vain at most once", () => {
  const { clock, deadlines, told, set } = fixture();
  set("a", 10);
  deadlines.delete("a");
  deadlines.delete("unknown");
  set("b", 20);
  clock.advance(10);
  assertEquals([told, clock.pending], [[], 1]);
  clock.advance(10);
  assertEquals([told, clock.pending], [[["b", 20]], 0]);
});

Deno.test("Deadlines forgets what it has told of", () => {
  const { clock, told, set } = fixture();
  set("a", 10);
  clock.advance(10);
  set("a", 30);
  clock.advance(100);
  assertEquals(told, [["a", 10], ["a", 30]]);
});

Deno.test("Deadlines tells of none that another's end calls off in the same moment", () => {
  const { clock, told, set } = fixture((name, { deadlines }) => {
    if (name === "a") deadlines.delete("b");
  });
  for (const [name, at] of [["a", 1.5], ["b", 1.6], ["c", 1.7]] as const) set(name, at);
  clock.advance(100);
  assertEquals(told, [["a", 2], ["c", 2]]);
});

Deno.test("Deadlines tells of none that another's end puts off in the same moment", () => {
  const { clock, told, set } = fixture((name, { set }) => {
    if (name === "a") set("b", 10);
  });
  for (const [name, at] of [["a", 1.5], ["b", 1.6], ["c", 1.7]] as const) set(name, at);
  clock.advance(100);
  assertEquals(told, [["a", 2], ["c", 2], ["b", 10]]);
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines keeps its promise to what is set while it tells of others", () => {
  const { clock, told, set } = fixture((name, { clock, set }) => {
    if (name === "a") {
      set("past", clock.now() - 1);
      set("soon", clock.now() + 5);
      set("late", clock.now() + 50);
    }
  });
  set("a", 10);
  set("b", 100);
  clock.advance(10);
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertEquals(told, [["a", 10], ["past", 10], ["soon", 15], ["late", 60], ["b", 100]]);
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines lets an item whose deadline has passed have another at once", () => {
  let left = 3;
  const { clock, told, set } = fixture((name, { clock, set }) => {
    if (--left > 0) set(name, clock.now() + 10);
  });
  set("again", 10);
  clock.advance(100);
  assertEquals(told, [["again", 10], ["again", 20], ["again", 30]]);
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines tells of none before its time, and less than a millisecond after", () => {
  for (const [setAt, dueAt] of [[0, 0.2], [0.7, 1.1], [0.999, 3.001], [0.5, 0.5], [2.25, 1.5]]) {
    const { clock, told, set } = fixture();
    clock.advance(setAt);
    set("a", dueAt);
    clock.advance(10);
    assertEquals(told.length, 1, `${dueAt}`);
    const lateMs = told[0][1] - Math.max(setAt, dueAt);
    assertEquals(lateMs >= 0 && lateMs < 1, true, `${dueAt}: ${lateMs}`);
  }
});

Deno.test("Deadlines sets its timer in whole milliseconds", () => {
  const waits: number[] = [];
  const clock = new FakeClock();
  const watched = {
    now: () => clock.now(),
    after(ms: number, callback: () => void) {
      waits.push(ms);
      return clock.after(ms, callback);
    },
  };
  const deadlines = new Deadlines<string>(watched, () => {});
  clock.advance(0.3);
  deadlines.set("a", 7.1, clock.now());
  deadlines.set("b", 2.9, clock.now());
  clock.advance(100);
  assertEquals(waits, [7, 3, 4]);
});

Deno.test("Deadlines.clear() calls off all of them and the timer, and can go on after", () => {
  const { clock, deadlines, told, set } = fixture();
  deadlines.clear();
  set("a", 10);
  set("b", 20);
  deadlines.clear();
  assertEquals(clock.pending, 0);
  set("c", 30);
  assertEquals(clock.pending, 1);
  clock.advance(100);
  assertEquals([told, clock.pending], [[["c", 30]], 0]);
});

Deno.test("Deadlines.clear() while it tells leaves no timer and tells of no other", () => {
  const { clock, told, set } = fixture((_, { deadlines }) => deadlines.clear());
  for (const [name, at] of [["a", 1.5], ["b", 1.6], ["c", 50]] as const) set(name, at);
  clock.advance(100);
  assertEquals([told, clock.pending], [[["a", 2]], 0]);
});

Deno.test("Deadlines tells of thousands in their order, however many of them are called off or moved", () => {
  const { clock, deadlines, told, set } = fixture();
  const expected: typeof told = [];
  for (let i = 0; i < 5_000; i++) {
    const at = 1 + i * 7_919 % 5_000;
    set(String(i), i % 3 === 0 ? at + 10_000 : at);
    if (i % 3 === 0) set(String(i), at);
    if (i % 10 === 0) deadlines.delete(String(i));
    else expected.push([String(i), at]);
  }
  clock.advance(5_000);
  assertEquals(told, expected.toSorted(([, a], [, b]) => a - b));
  assertEquals(clock.pending, 0);
});

Deno.test("Deadlines tells of those of one moment in the order in which they were set", () => {
  const { clock, told, set } = fixture();
  const names = Array.from({ length: 20 }, (_, i) => String(i));
  for (const name of names) set(name, 10);
  clock.advance(10);
  assertEquals(told, names.map((name) => [name, 10]));
});

Deno.test("Deadlines behaves like a timer for each, whatever is done to it", () => {
  const name = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    fc.record({ kind: fc.constant("set" as const), name, ms: fc.integer({ min: -5, max: 50 }) }),
    fc.record({ kind: fc.constant("delete" as const), name, ms: fc.constant(0) }),
    fc.record({ kind: fc.constant("advance" as const), name, ms: fc.nat(30) }),
  );
  fc.assert(fc.property(fc.array(step), (steps) => {
    const { clock, deadlines, told, set } = fixture();
    const own = new FakeClock();
    const expected: typeof told = [];
    const timers = new Map<string, () => void>();
    for (const { kind, name, ms } of steps) {
      if (kind === "advance") {
        for (const each of [clock, own]) each.advance(ms);
        continue;
      }
      timers.get(name)?.();
      if (kind === "delete") deadlines.delete(name);
      else {
        set(name, clock.now() + ms);
        const tell = () => expected.push([name, own.now()]);
        timers.set(name, own.after(Math.max(0, ms), tell));
      }
      assertEquals(clock.pending <= 1, true);
    }
    for (const each of [clock, own]) each.advance(1_000);
    // In what order those of one moment are told is not the question here.
    const sorted = (all: typeof told) =>
      all.toSorted(([a, x], [b, y]) => x - y || (a < b ? -1 : 1));
    assertEquals(sorted(told), sorted(expected));
    assertEquals(clock.pending, 0);
  }));
});

Deno.test("Deadlines decides nothing that has become due since its timer had its turn", () => {
  const clock = new FakeClock();
  const told: string[] = [];
  const deadlines = new Deadlines<string>(patient(clock), (name) => told.push(name));
  deadlines.set("a", 10, 0);
  deadlines.set("b", 50, 0);
  // Each turn takes long, until the timer has no more of them.
  for (const at of [13, 16, 19, 22]) {
    clock.skipTo(at);
    for (const _ of clock.fireDue());
  }
  deadlines.delete("a");
  clock.skipTo(100);
  for (const _ of clock.fireDue());
  assertEquals(told, []);
  clock.advance(0);
  assertEquals(told, ["b"]);
});
