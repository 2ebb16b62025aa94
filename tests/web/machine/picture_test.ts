import { assertEquals } from "@std/assert";
import type { ActivityEvent, Mark, Span } from "../../../lib/hono/mod.ts";
import { isMoving, Picture, WINDOW_MS } from "../../../lib/web/machine/picture.ts";

function event(now: number, part: Partial<ActivityEvent> = {}): ActivityEvent {
  return {
    now,
    waiting: 0,
    waitingLong: 0,
    states: ["idle"],
    running: [],
    spans: [],
    marks: [],
    ...part,
  };
}

function span(seq: number, startMs: number, endMs: number): Span {
  const rest = {
    slot: 0,
    runs: 1,
    method: "fibonacci",
    tag: "30 naive",
    end: "done",
  } as const;
  return { seq, startMs, endMs, busyMs: endMs - startMs, ...rest };
}

Deno.test("Picture takes each span once, however often it is told", () => {
  const picture = new Picture();
  picture.add(event(100, { spans: [span(1, 0, 50), span(2, 60, 90)] }));
  picture.add(event(350, { spans: [span(2, 60, 90), span(3, 100, 200)] }));
  assertEquals(picture.spans.map(({ seq }) => seq), [1, 2, 3]);
});

Deno.test("Picture counts spans and marks together", () => {
  const mark: Mark = { seq: 2, slot: 0, atMs: 95, type: "crashed" };
  const picture = new Picture();
  picture.add(event(100, { spans: [span(1, 0, 50)], marks: [mark] }));
  picture.add(event(350, { spans: [span(3, 100, 200)], marks: [mark] }));
  assertEquals([picture.spans.length, picture.marks.length], [2, 1]);
});

Deno.test("Picture forgets what has left it, and the queue's length at its edge last", () => {
  const picture = new Picture();
  picture.add(event(0, { waiting: 3, spans: [span(1, -100, -50)] }));
  picture.add(event(1000, { waiting: 5, waitingLong: 2 }));
  const now = WINDOW_MS + 5000;
  picture.add(event(now, { waiting: 0 }));
  assertEquals(picture.spans, []);
  assertEquals(picture.levels, [
    { atMs: 1000, waiting: 5, waitingLong: 2 },
    { atMs: now, waiting: 0, waitingLong: 0 },
  ]);
});

Deno.test("a scene is left alone by what comes", () => {
  const picture = new Picture();
  picture.add(event(100, { spans: [span(1, 0, 50)], waiting: 2 }));
  const { scene } = picture;
  const before = structuredClone(scene);
  for (let now = 1000; now < 100_000; now += 1000) {
    picture.add(event(now, { states: ["wedged"], spans: [span(now, now, now + 500)] }));
  }
  picture.clear();
  assertEquals(scene, before);
});

Deno.test("a scene moves as long as there is anything in it but lines", () => {
  const picture = new Picture();
  picture.add(event(100));
  assertEquals(isMoving(picture), false);
  picture.add(event(200, { waiting: 1 }));
  assertEquals(isMoving(picture), true);
  picture.add(event(300, { spans: [span(1, 250, 280)] }));
  picture.forget(WINDOW_MS * 2);
  picture.add(event(WINDOW_MS * 2));
  picture.forget(WINDOW_MS * 4);
  assertEquals(isMoving(picture), false);
});

Deno.test("Picture knows since when a call has been running", () => {
  const picture = new Picture();
  const running = [{
    slot: 1,
    method: "fibonacci",
    tag: "40 naive",
    runningMs: 30,
  }] as const;
  picture.add(event(100, { running }));
  assertEquals(picture.running, [{
    slot: 1,
    method: "fibonacci",
    tag: "40 naive",
    startMs: 70,
  }]);
});

Deno.test("Picture.clear() makes room for another service, whose numbers begin anew", () => {
  const picture = new Picture();
  picture.add(event(90_000, { spans: [span(700, 89_000, 89_500)] }));
  picture.clear();
  picture.add(event(100, { spans: [span(1, 10, 50)] }));
  assertEquals(picture.spans.map(({ seq }) => seq), [1]);
});
