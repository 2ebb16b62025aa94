import { type AlgorithmName, DEFAULT_ALGORITHM } from "../../fibonacci/mod.ts";
import { element, exchange, show } from "../ui/dom.ts";
import { count, duration } from "../ui/format.ts";
import { problemOf } from "../problem.ts";
import { type Answer, AnswerView, type Failure } from "./answer_view.ts";
import {
  answerPath,
  pagePath,
  parseAlgorithm,
  parseN,
  type Question,
  questionOf,
  wrongN,
} from "../question.ts";
import { parseServerTiming } from "./server_timing.ts";

/** Longer numbers nobody wants to be told. */
const SPOKEN_DIGITS = 20;

/**
 * The section in which a person asks for a number.
 *
 * ```
 *  address bar ──► form ──► fetch ──► answer, time, failure
 *       ▲            │        ▲
 *       └── submit ──┘       Esc: abort, and the service frees the worker
 * ```
 *
 * One question at a time: another one cancels the one before.
 *
 * @param announce Tells assistive technology.
 */
export function startAsking(announce: (text: string) => void): void {
  const form = element("ask-form", HTMLFormElement);
  const n = element("n", HTMLInputElement);
  const fresh = element("fresh", HTMLInputElement);
  const compute = element("compute", HTMLButtonElement);
  const cancel = element("cancel", HTMLButtonElement);
  const error = element("n-error", HTMLParagraphElement);
  const view = new AnswerView();
  let running: AbortController | undefined;
  let asked: Question | undefined;

  /** @returns What the form says; `undefined` if n is none, which it then says too. */
  function read(): Question | undefined {
    const digits = parseN(n.value);
    n.setAttribute("aria-invalid", String(digits === undefined));
    show(error, digits === undefined ? wrongN(n.value) : "");
    const algorithm = parseAlgorithm(String(new FormData(form).get("algorithm")));
    return digits !== undefined && algorithm ? { n: digits, algorithm } : undefined;
  }

  function fill({ n: digits, algorithm }: Question): void {
    n.value = digits;
    const radio = form.querySelector<HTMLInputElement>(`input[value="${algorithm}"]`);
    if (radio) radio.checked = true;
    read();
    view.asked({ n: digits, algorithm });
  }

  async function ask(question: Question): Promise<void> {
    running?.abort();
    const controller = running = new AbortController();
    cancel.disabled = false;
    asked = question;
    view.asked(question);
    view.waiting(question);
    announce(`Computing F(${question.n})`);
    const startedAt = performance.now();
    const outcome = await fetched(question, fresh.checked, controller.signal);
    const afterMs = performance.now() - startedAt;
    // Another question has taken its place.
    if (running !== controller) return;
    running = undefined;
    exchange(cancel, compute);
    if (controller.signal.aborted) {
      view.cancelled(afterMs);
      announce("Cancelled");
    } else if ("title" in outcome) {
      view.failed(outcome, askAnew);
      announce(`${outcome.title}. ${outcome.detail}`);
    } else {
      view.answered({ question, ...outcome, totalMs: afterMs });
      const { digits } = outcome;
      const value = digits.length <= SPOKEN_DIGITS
        ? `is ${digits}`
        : `has ${count(digits.length)} digits`;
      announce(`F(${question.n}) ${value}, after ${duration(afterMs)}`);
    }
  }

  function askAnew(question: Question): void {
    fill(question);
    if (pagePath(question) !== location.search) {
      history.pushState(null, "", pagePath(question));
    }
    ask(question);
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const question = read();
    if (question) askAnew(question);
    else n.focus();
  });
  form.addEventListener("input", () => {
    const question = read();
    if (question && !running) view.asked(question);
  });
  cancel.addEventListener("click", () => running?.abort());
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") running?.abort();
  });
  element("examples", HTMLParagraphElement).addEventListener("click", (event) => {
    if (!(event.target instanceof HTMLButtonElement)) return;
    const { n = "", algorithm } = event.target.dataset;
    askAnew({ n, algorithm: algorithm as AlgorithmName });
  });
  globalThis.addEventListener("popstate", () => {
    const question = questionOf(location.search);
    if (!question) {
      running?.abort();
      running = asked = undefined;
      cancel.disabled = true;
      return view.none();
    }
    // A step within the page is one too.
    if (asked && pagePath(question) === pagePath(asked)) return;
    fill(question);
    ask(question);
  });

  const shared = questionOf(location.search);
  if (shared) {
    fill(shared);
    ask(shared);
  } else {
    // What makes no sense is told, and not passed over.
    const given = new URLSearchParams(location.search).get("n");
    if (given !== null) n.value = given.slice(0, 100);
    const question = read();
    if (question) view.asked(question);
  }
}

/** Asks the service. Does not reject. */
async function fetched(
  question: Question,
  fresh: boolean,
  signal: AbortSignal,
): Promise<Omit<Answer, "question" | "totalMs"> | Failure> {
  // There is room for 250 entries, which a load run fills.
  performance.clearResourceTimings();
  let response: Response;
  let text: string;
  try {
    response = await fetch(answerPath(question), {
      signal,
      // The browser's own cache would answer the second time, and tell the first time's timing.
      cache: "no-store",
      headers: {
        accept: "text/plain, application/problem+json",
        // Else `no-store` brings a `no-cache` along, which the service takes at its word.
        "cache-control": fresh ? "no-cache" : "max-age=0",
      },
    });
    text = await response.text();
  } catch {
    return {
      title: "The service can't be reached",
      detail: `No answer came from ${location.origin}`,
    };
  }
  if (!response.ok) return failureOf(response, text, question);
  const timing = parseServerTiming(response.headers.get("server-timing"));
  return { digits: text, timing, transferSize: sizeOf(response.url) };
}

function failureOf(response: Response, text: string, question: Question): Failure {
  const { title, detail, code } = problemOf(response, text);
  const retryAfter = response.headers.get("retry-after");
  const algorithm = DEFAULT_ALGORITHM;
  const helps = code === "infeasible" && question.algorithm !== algorithm;
  return {
    title,
    detail: retryAfter ? `${detail}. Try again in ${retryAfter} s` : detail,
    instead: helps ? { ...question, algorithm } : undefined,
  };
}

function sizeOf(url: string): number {
  const entry = performance.getEntriesByName(url).at(-1);
  return entry instanceof PerformanceResourceTiming ? entry.transferSize : 0;
}
