import { Surface } from "../ui/canvas.ts";
import { element } from "../ui/dom.ts";
import { eachFrameWhileVisible } from "../ui/frames.ts";
import { followTheme, prefersLessMotion, type Theme } from "../ui/theme.ts";
import { RemoteClock } from "./clock.ts";
import { drawLanes, heightsFor } from "./lanes.ts";
import type { Legend } from "./legend.ts";
import { BEHIND_MS, isMoving, Picture, type Scene } from "./picture.ts";

/** How often the picture moves for those who want no motion. */
const STILL_MS = 1_000;
/** How much of the page's thread drawing may take. A picture of many workers moves in larger steps. */
const MOST_LOAD = 1 / 4;

/** Where the picture is drawn: how large, when, and what part of it. */
export class Stage {
  readonly picture = new Picture();
  readonly clock = new RemoteClock();
  readonly #canvas = element("lanes-canvas", HTMLCanvasElement);
  readonly #scroller = element("lanes", HTMLDivElement);
  readonly #surface = new Surface(this.#canvas, () => this.#isDrawn = false);
  readonly #legend: Legend;
  #theme!: Theme;
  #lanes = 0;
  #frozen: { readonly scene: Scene; readonly nowMs: number } | undefined;
  #nowMs = 0;
  #nextMs = 0;
  /** What is on the canvas is what there is to see, as long as nothing moves. */
  #isDrawn = false;

  constructor(legend: Legend) {
    this.#legend = legend;
    followTheme((theme) => {
      this.#theme = theme;
      this.#isDrawn = false;
    });
    this.#scroller.addEventListener("scroll", () => this.#isDrawn = false);
    eachFrameWhileVisible(this.#canvas, (now) => this.#frame(now));
  }

  /** Whether time goes on. It doesn't while there are no events to show. */
  isLive = false;

  /** Stops the picture at what it shows, or lets it go on. @returns Whether it is stopped. */
  toggleFrozen(): boolean {
    this.#frozen = this.#frozen ? undefined : { scene: this.picture.scene, nowMs: this.#nowMs };
    this.#isDrawn = false;
    return this.#frozen !== undefined;
  }

  /** What is known has changed. */
  changed(): void {
    this.#isDrawn = false;
    const lanes = this.picture.states.length;
    if (lanes === this.#lanes || this.#frozen) return;
    this.#lanes = lanes;
    const { canvas, hidden } = heightsFor(lanes);
    this.#canvas.style.height = `${canvas}px`;
    this.#scroller.style.maxHeight = `${canvas}px`;
    element("lanes-hidden", HTMLDivElement).style.height = `${hidden}px`;
  }

  #frame(now: number): void {
    if (now < this.#nextMs) return;
    const serviceMs = this.clock.at(now);
    if (this.isLive && serviceMs !== undefined) this.#nowMs = serviceMs - BEHIND_MS;
    const { scene, nowMs } = this.#frozen ?? { scene: this.picture, nowMs: this.#nowMs };
    const moves = this.isLive && !this.#frozen && isMoving(scene);
    if (!moves && this.#isDrawn) return;
    const edge = this.#frozen ? "frozen" : this.isLive ? "now" : "then";
    const { scrollTop } = this.#scroller;
    drawLanes(this.#surface, scene, this.#theme, this.#legend, nowMs, edge, scrollTop);
    this.#isDrawn = true;
    const tookMs = performance.now() - now;
    this.#nextMs = now + (prefersLessMotion() ? STILL_MS : tookMs / MOST_LOAD - 17);
  }
}
