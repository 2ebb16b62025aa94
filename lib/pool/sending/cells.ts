import { Cell, CELLS, isShared, type Ready } from "./protocol.ts";

/**
 * The pool's side of the memory that it shares with one worker: a cell for each call that the worker has been sent.
 * `protocol.ts` describes the states of a cell. Where memory isn't shared there is one cell, without effect: nothing
 * can be taken back or cancelled through it.
 *
 * **Cells are used again.** A cell is free when the answer of its call has been read here, or its call was never
 * posted. Nothing about the old call can hit the next one in its cell:
 *
 * - The worker writes to the cell and to its count of unread reports before it posts the answer, and never after. What
 *   is left of the call there, such as a timer, finds a `RunningCall` that is over.
 * - Its reports are posted before its answer, and so are read before it. There is only one answer.
 * - The worker reads `stop(cell)` for the old call before it reads the next one, and ignores it as that call doesn't
 *   run.
 * - A caller of `read` or `cancel` may be late, with the old call. It first compares the call that holds the cell.
 *
 * A withdrawn call keeps its cell until the worker has skipped it: else the worker would take the next call's `SENT`
 * for the withdrawn one's.
 */
export class Cells {
  /** Whether the worker sees what is written here. */
  readonly areShared: boolean;
  readonly #states: Int32Array;
  readonly #unread: Int32Array;
  readonly #free: number[];

  constructor({ cells, unread }: Pick<Ready, "cells" | "unread">) {
    this.areShared = isShared(cells);
    this.#states = cells;
    this.#unread = unread;
    this.#free = Array.from({ length: this.areShared ? CELLS : 1 }, (_, i) => i);
  }

  get hasFree(): boolean {
    return this.#free.length > 0;
  }

  /** Takes a free cell for a call that is sent now; there must be one. */
  take(): number {
    const cell = this.#free.pop()!;
    Atomics.store(this.#states, cell, Cell.SENT);
    Atomics.store(this.#unread, cell, 0);
    return cell;
  }

  free(cell: number): void {
    this.#free.push(cell);
  }

  /** Whether the worker has started a call. Where memory isn't shared, a call that was posted counts as started. */
  hasStarted(cell: number): boolean {
    return !this.areShared || Atomics.load(this.#states, cell) !== Cell.SENT;
  }

  /** Whether the worker has run a call and its answer is on its way, or held back. */
  hasRun(cell: number): boolean {
    return this.areShared && Atomics.load(this.#states, cell) === Cell.DONE;
  }

  /** Takes a call back. @returns Whether the worker had not started it, and will not. */
  withdraw(cell: number): boolean {
    return this.areShared &&
      Atomics.compareExchange(this.#states, cell, Cell.SENT, Cell.WITHDRAWN) === Cell.SENT;
  }

  /** Marks a running call as cancelled. @returns Whether it runs, as far as can be known. */
  cancel(cell: number): boolean {
    const state = Atomics.compareExchange(this.#states, cell, Cell.RUNNING, Cell.CANCELLED);
    if (this.areShared && state !== Cell.RUNNING) return false;
    Atomics.notify(this.#unread, cell); // It may be waiting until its report is read.
    return true;
  }

  /** A report of a call was read: the call may go on if it waits for that. */
  read(cell: number): void {
    Atomics.sub(this.#unread, cell, 1);
    Atomics.notify(this.#unread, cell);
  }
}
