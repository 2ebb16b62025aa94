import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { type Span, Timeline } from "../../lib/hono/timeline.ts";
import type { Run } from "../../lib/pool/mod.ts";

const MOST_SPANS = 2048;
const MOST_MARKS = 256;

const FAST = { n: 20, algorithm: "fast-doubling" } as const;

/** A run of slot 0 that is done, unless told otherwise. */
function runOf(startedAt: number, runMs: number, part: Partial<Run> = {}): Run {
  const run = { slot: 0, id: 1, method: "fibonacci", tag: FAST, end: "done" } as const;
  return { ...run, startedAt, runMs, ...part };
}

/** A timeline of these runs. */
function recorded(...runs: Run[]): Timeline {
  const timeline = new Timeline();
  for (const run of runs) timeline.record(run);
  return timeline;
}

/** When each span of all that is kept began, when it ended, and how many runs it holds. */
function outlines(timeline: Timeline): [startMs: number, endMs: number, runs: number][] {
  return timeline.since(0).spans.map(({ startMs, endMs, runs }) => [startMs, endMs, runs]);
}

Deno.test("Timeline.record() makes a span of a run", () => {
  const { spans, marks } = recorded(runOf(100, 30, { slot: 3, end: "stopped" })).since(0);
  assertEquals(spans, [{
    seq: 1,
    slot: 3,
    startMs: 100,
    endMs: 130,
    busyMs: 30,
    runs: 1,
    method: "fibonacci",
    tag: "20 fast-doubling",
    end: "stopped",
  }]);
  assertEquals(marks, []);
});

Deno.test("Timeline.record() makes one span of short runs that follow each other closely", () => {
  const timeline = recorded(runOf(0, 2), runOf(3, 9.9), runOf(22.8, 1));
  assertEquals(outlines(timeline), [[0, 23.8, 3]]);
  assertEquals(timeline.since(0).spans[0].busyMs, 12.9);
});

Deno.test.each<[why: string, runs: Run[], outlines: ReturnType<typeof outlines>]>([
  ["a gap", [runOf(0, 2), runOf(12, 2)], [[0, 2, 1], [12, 14, 1]]],
  ["a long run behind a short one", [runOf(0, 2), runOf(2, 10)], [[0, 2, 1], [2, 12, 1]]],
  ["a long run before a short one", [runOf(0, 10), runOf(10, 2)], [[0, 10, 1], [10, 12, 1]]],
  ["another end", [runOf(0, 2), runOf(2, 2, { end: "failed" })], [[0, 2, 1], [2, 4, 1]]],
  ["another slot", [runOf(0, 2), runOf(2, 2, { slot: 1 })], [[0, 2, 1], [2, 4, 1]]],
])("Timeline.record() keeps runs apart for %s", (_, runs, expected) => {
  assertEquals(outlines(recorded(...runs)), expected);
});

Deno.test("Timeline.record() gathers the runs of each slot, in whatever order they are told", () => {
  const runs = [0, 1, 2, 3, 4].flatMap((i) => [runOf(2 * i, 1), runOf(2 * i + 1, 1, { slot: 1 })]);
  assertEquals(outlines(recorded(...runs)), [[0, 9, 5], [1, 10, 5]]);
  // A batch of answers is told from the first to the last, but not always by when they began.
  assertEquals(outlines(recorded(runOf(4, 5), runOf(3, 2))), [[4, 9, 2]]);
});

Deno.test("Timeline.record() begins a new span every 250 ms", () => {
  const timeline = recorded(...Array.from({ length: 120 }, (_, i) => runOf(5 * i, 5)));
  assertEquals(outlines(timeline), [[0, 250, 50], [250, 500, 50], [500, 600, 20]]);
});

Deno.test("Timeline.record() says what the tags of a span's runs have in common", () => {
  const spanOf = (...tags: unknown[]) =>
    recorded(...tags.map((tag, i) => runOf(i, 1, { tag }))).since(0).spans.map(({ tag }) => tag);
  const other = { n: 20, algorithm: "naive" };
  assertEquals(spanOf(FAST, FAST), ["20 fast-doubling"]);
  assertEquals(spanOf(FAST, { ...FAST, n: 21 }), ["fast-doubling"]);
  assertEquals(spanOf(FAST, other), ["20"]);
  assertEquals(spanOf(FAST, { ...other, n: 21 }, FAST), [null]);
  // The pool's own calls have no tag.
  assertEquals(spanOf(undefined), [null]);
  assertEquals(spanOf(FAST, undefined), [null]);
  assertEquals(spanOf(undefined, FAST), [null]);
  assertEquals(spanOf("page 7", "page 8", "page 7"), ["page"]);
});

Deno.test("Timeline.record() says which method a span's runs called, if it was one", () => {
  const methodsOf = (...methods: string[]) =>
    recorded(...methods.map((method, i) => runOf(i, 1, { method }))).since(0).spans.map(
      ({ method }) => method,
    );
  assertEquals(methodsOf("a", "a"), ["a"]);
  assertEquals(methodsOf("a", "b", "a"), [null]);
});

Deno.test("Timeline.since() reads what came after, which changes no more", () => {
  const timeline = recorded(runOf(0, 1));
  const { spans: [first] } = structuredClone(timeline.since(0));
  timeline.record(runOf(1, 1));
  timeline.record(runOf(2, 1));
  assertEquals(timeline.since(0).spans[0], first);
  assertEquals(timeline.since(first.seq).spans.map(({ startMs, runs }) => [startMs, runs]), [
    [1, 2],
  ]);
  assertEquals(timeline.since(timeline.lastSeq), { spans: [], marks: [] });
});

Deno.test("Timeline.until() reads what has been read, and leaves open what is", () => {
  const timeline = recorded(runOf(0, 1));
  timeline.note({ type: "ready", slot: 0 }, 1);
  const read = timeline.since(0);
  timeline.record(runOf(1, 1));
  timeline.note({ type: "ready", slot: 0 }, 2);
  assertEquals([timeline.until(2), timeline.until(0)], [read, { spans: [], marks: [] }]);
  timeline.record(runOf(2, 1));
  assertEquals(timeline.since(2).spans.map(({ runs }) => runs), [2]);
});

Deno.test("Timeline counts spans and marks together, in the order they came", () => {
  const timeline = new Timeline();
  assertEquals([timeline.lastSeq, timeline.since(0)], [0, { spans: [], marks: [] }]);
  timeline.note({ type: "ready", slot: 1 }, 5);
  timeline.record(runOf(10, 20));
  timeline.note({ type: "crashed", slot: 1, error: new Error("boom") }, 40);
  timeline.record(runOf(50, 20));
  const { spans, marks } = timeline.since(0);
  assertEquals(spans.map(({ seq }) => seq), [2, 4]);
  // Without the error: it is for the log.
  assertEquals(marks, [
    { seq: 1, slot: 1, atMs: 5, type: "ready" },
    { seq: 3, slot: 1, atMs: 40, type: "crashed" },
  ]);
  assertEquals(timeline.lastSeq, 4);
  const { spans: later, marks: laterMarks } = timeline.since(2);
  assertEquals([later[0].seq, laterMarks[0].seq], [4, 3]);
});

Deno.test("Timeline keeps the last spans and marks, however many there were", () => {
  const timeline = new Timeline();
  for (let i = 0; i < 100_000; i++) {
    timeline.record(runOf(20 * i, 15));
    if (i % 1_000 > 0) continue;
    assertEquals(timeline.since(0).spans.length, Math.min(i + 1, MOST_SPANS));
  }
  const { spans } = timeline.since(0);
  assertEquals([spans.length, spans.at(-1)!.seq], [MOST_SPANS, 100_000]);
  assertEquals(spans[0].seq, 100_001 - MOST_SPANS);
  for (let i = 0; i < 3_000; i++) timeline.note({ type: "ready", slot: 0 }, i);
  assertEquals(timeline.since(0).marks.length, MOST_MARKS);
  assertEquals(timeline.since(0).marks.at(-1)!.atMs, 2_999);
  assertEquals(timeline.since(0).spans.length, MOST_SPANS);
});

Deno.test("Timeline loses no run and no time, whatever was recorded and whenever it was read", () => {
  const step = fc.record({
    slot: fc.nat(2),
    gapMs: fc.constantFrom(0, 1, 9, 10, 100),
    runMs: fc.constantFrom(0, 1, 9, 10, 300),
    end: fc.constantFrom("done", "failed", "stopped", "lost"),
    tag: fc.constantFrom(undefined, FAST, { n: 21, algorithm: "naive" }),
    read: fc.boolean(),
  });
  fc.assert(fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const timeline = new Timeline();
    const read: Span[] = [];
    const look = () => read.push(...timeline.since(read.at(-1)?.seq ?? 0).spans);
    const freeAt = [0, 0, 0];
    for (const { gapMs, read, ...run } of steps) {
      const startedAt = freeAt[run.slot] + gapMs;
      freeAt[run.slot] = startedAt + run.runMs;
      timeline.record(runOf(startedAt, run.runMs, run));
      if (read) look();
    }
    look();
    assertEquals(read.map(({ seq }) => seq), Array.from(read, (_, i) => i + 1));
    assertEquals(timeline.since(0).spans, read);
    for (const slot of freeAt.keys()) {
      const mine = steps.filter((step) => step.slot === slot);
      const spans = read.filter((span) => span.slot === slot);
      const sum = (list: number[]) => list.reduce((a, b) => a + b, 0);
      assertEquals(sum(spans.map(({ runs }) => runs)), mine.length);
      assertEquals(sum(spans.map(({ busyMs }) => busyMs)), sum(mine.map(({ runMs }) => runMs)));
      spans.forEach(({ startMs, endMs, busyMs }, i) => {
        assert(i === 0 || spans[i - 1].endMs <= startMs);
        assertLessOrEqual(busyMs, endMs - startMs);
      });
    }
  }));
});
