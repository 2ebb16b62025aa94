import { element, make } from "../ui/dom.ts";
import { bytes, count, duration, grouped, inTens } from "../ui/format.ts";
import { answerPath, type Question } from "../question.ts";
import { type Phase, phasesOf, type ServerTiming } from "./server_timing.ts";

/** From here on digits are small, and grouped as in a table. */
const SMALL_FROM = 60;
/** Longer answers are folded: nobody reads them, and laying out millions of digits takes seconds. */
const FOLD_FROM = 240;
/** How many digits are shown at either end of a folded answer. */
const SHOWN = 100;

/** An answer as it came. */
export interface Answer {
  readonly question: Question;
  readonly digits: string;
  readonly timing: ServerTiming;
  /** From the request to the end of the body, in milliseconds. */
  readonly totalMs: number;
  /** What was sent for it, headers and all; 0 if the browser doesn't tell. */
  readonly transferSize: number;
}

/** Why there is no answer. */
export interface Failure {
  readonly title: string;
  readonly detail: string;
  /** What else could be asked. */
  readonly instead?: Question;
}

const PHASE_NAMES: Readonly<Record<Phase["name"], string>> = {
  queue: "queue",
  compute: "compute",
  transfer: "transfer",
  network: "network, HTTP",
};

const CACHE_NAMES: Readonly<Record<string, string>> = {
  hit: "from the cache",
  shared: "shared with another call under way",
  miss: "computed for you",
  bypass: "computed anew",
  off: "computed, there is no cache",
};

/** Shows what became of a question. */
export class AnswerView {
  readonly #root = element("answer", HTMLDivElement);
  readonly #body = element("answer-body", HTMLDivElement);
  readonly #placeholder = this.#body.firstElementChild!;
  readonly #link = element("asked-link", HTMLAnchorElement);
  readonly #curl = element("asked-curl", HTMLElement);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    element("copy-curl", HTMLButtonElement).addEventListener("click", (event) => {
      copy(this.#curl.textContent ?? "", event.currentTarget as HTMLButtonElement);
    });
  }

  /** Shows how a question is put to the service. */
  asked(question: Question): void {
    const path = answerPath(question);
    this.#link.href = path;
    this.#link.textContent = `/${path}`;
    // By the page's own address: the one that is known to be reachable from here.
    this.#curl.textContent = `curl '${new URL(path, location.href)}'`;
  }

  /** Shows that it is under way, and for how long. */
  waiting(question: Question): void {
    const startedAt = performance.now();
    const elapsed = make("span", { className: "elapsed" });
    elapsed.setAttribute("aria-hidden", "true");
    this.#show("waiting", make("p", {}, `Computing F(${grouped(question.n)}) … `, elapsed));
    this.#timer = setInterval(() => {
      elapsed.textContent = duration(performance.now() - startedAt);
    }, 100);
  }

  /** Shows the answer. */
  answered(answer: Answer): void {
    const value = answer.digits.length < FOLD_FROM ? whole(answer) : folded(answer);
    this.#show("answered", titleOf(answer), value, actionsOf(answer), timingOf(answer));
  }

  /** Shows that it was called off. */
  cancelled(afterMs: number): void {
    this.#show("cancelled", make("p", {}, `Cancelled after ${duration(afterMs)}.`));
  }

  /** Shows that nothing has been asked. */
  none(): void {
    this.#show("none", this.#placeholder);
  }

  /** Shows why there is none. */
  failed({ title, detail, instead }: Failure, ask: (question: Question) => void): void {
    const parts = [make("h3", {}, title), make("p", {}, detail)];
    this.#show("failed", ...parts);
    if (!instead) return;
    const button = make("button", { type: "button" }, "Ask that instead");
    button.addEventListener("click", () => {
      // It is about to go, and the focus with it.
      element("n", HTMLInputElement).focus();
      ask(instead);
    });
    this.#body.append(button);
  }

  #show(state: string, ...children: Node[]): void {
    clearInterval(this.#timer);
    this.#root.dataset.state = state;
    this.#body.replaceChildren(...children);
  }
}

function titleOf({ question, digits }: Answer): Node {
  const size = digits.length === 1 ? "1 digit" : `${count(digits.length)} digits`;
  return make("h3", {}, `F(${grouped(question.n)}), ${size}`);
}

function whole({ digits }: Answer): Node {
  return digits.length < SMALL_FROM
    ? make("p", { className: "value" }, grouped(digits))
    : make("p", { className: "value small-digits" }, inTens(digits));
}

function folded({ digits }: Answer): Node {
  const hidden = count(digits.length - 2 * SHOWN);
  return make(
    "p",
    { className: "value small-digits" },
    inTens(digits.slice(0, SHOWN)),
    make("span", { className: "fold" }, `${hidden} more digits`),
    inTens(digits.slice(-SHOWN)),
  );
}

function actionsOf({ question, digits }: Answer): Node {
  const copyButton = make("button", { type: "button", className: "small" }, "Copy");
  copyButton.addEventListener("click", () => copy(digits, copyButton));
  copyButton.setAttribute("aria-label", "Copy the digits");
  const download = make("a", {
    className: "small button",
    href: answerPath(question),
    download: `fibonacci-${question.n}.txt`,
  }, "Download");
  return make("div", { className: "buttons" }, copyButton, download);
}

function timingOf({ timing, totalMs, digits, transferSize }: Answer): Node {
  const phases = phasesOf(timing, totalMs);
  const sum = phases.reduce((sum, { ms }) => sum + ms, 0) || 1;
  const bar = make("div", { className: "phases" });
  bar.setAttribute("aria-hidden", "true");
  const list = make("dl", { className: "phase-list" });
  for (const { name, ms } of phases) {
    const part = make("i");
    part.dataset.phase = name;
    part.style.flexGrow = String(ms / sum);
    bar.append(part);
    const swatch = make("i");
    swatch.dataset.phase = name;
    list.append(make(
      "div",
      {},
      make("dt", {}, swatch, PHASE_NAMES[name]),
      make("dd", {}, duration(ms)),
    ));
  }
  const facts = [CACHE_NAMES[timing.cache] ?? timing.cache];
  if (timing.worker !== undefined) facts.push(`worker ${timing.worker}`);
  facts.push(`${duration(totalMs)} in total`);
  if (transferSize > 0 && digits.length > 1000) facts.push(`${bytes(transferSize)} sent`);
  return make("div", { className: "timing" }, make("p", {}, facts.join(" · ")), bar, list);
}

async function copy(text: string, button: HTMLButtonElement): Promise<void> {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    // Not in an insecure context, or the person said no.
    button.textContent = "Not allowed";
  }
  setTimeout(() => button.textContent = label, 1500);
}
