import { assertEquals } from "@std/assert";
import { runLoad } from "../../../lib/web/load/load_run.ts";

/** Sends that are held until the test answers them. */
class Held {
  readonly sent: ((answer: "answered" | "refused" | Error) => void)[] = [];

  readonly send = (signal: AbortSignal): Promise<"answered" | "refused"> => {
    const { promise, resolve, reject } = Promise.withResolvers<"answered" | "refused">();
    signal.addEventListener("abort", () => reject(signal.reason));
    this.sent.push((answer) => typeof answer === "string" ? resolve(answer) : reject(answer));
    return promise;
  };
}

/** Lets what has been settled be noticed. */
const turn = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("runLoad() has no more under way than it may, and counts what came back", async () => {
  const held = new Held();
  let told = 0;
  const { signal } = new AbortController();
  const onProgress = () => told++;
  const run = runLoad({ requests: 5, concurrency: 2, send: held.send, signal, onProgress });
  const failures = [new Error("first"), new Error("second")];
  const answers = ["answered", "refused", ...failures, "answered"] as const;
  for (const [i, answer] of answers.entries()) {
    assertEquals(held.sent.length, Math.min(i + 2, 5));
    held.sent[i](answer);
    await turn();
  }
  const { latenciesMs, refused, failed, failure } = await run;
  assertEquals([latenciesMs.length, refused, failed, failure, told], [2, 1, 2, "first", 5]);
});

Deno.test("runLoad() ends when it is aborted, and counts nothing of what was under way", async () => {
  const held = new Held();
  const controller = new AbortController();
  const { signal } = controller;
  const run = runLoad({ requests: 9, concurrency: 3, send: held.send, signal, onProgress() {} });
  held.sent[0]("answered");
  await turn();
  controller.abort();
  const { latenciesMs, refused, failed } = await run;
  assertEquals([latenciesMs.length, refused, failed, held.sent.length], [1, 0, 0, 4]);
});

Deno.test("runLoad() ends when nothing is answered any more", async () => {
  const { signal } = new AbortController();
  const send = () => Promise.reject(new Error("gone"));
  const { failed } = await runLoad({
    requests: 1e6,
    concurrency: 4,
    send,
    signal,
    onProgress() {},
  });
  assertEquals(failed >= 20 && failed < 30, true, `${failed} failed`);
});
