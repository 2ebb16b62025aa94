/** So many failures in a row end a run: it would go on like this, as fast as it can. */
const MOST_FAILURES = 20;

/** What a load run sends. */
export interface LoadOptions {
  readonly requests: number;
  /** How many are under way at most. */
  readonly concurrency: number;
  /** Sends one. Rejects with the reason if the answer is neither a number nor a refusal. */
  readonly send: (signal: AbortSignal) => Promise<"answered" | "refused">;
  /** Ends the run. What is under way is aborted, and counted nowhere. */
  readonly signal: AbortSignal;
  /** Told after each answer. */
  readonly onProgress: (result: LoadResult) => void;
}

/** What came back so far. */
export interface LoadResult {
  /** How long each answer took that was one, in milliseconds. */
  readonly latenciesMs: readonly number[];
  /** Answered with 503. */
  readonly refused: number;
  /** Answered with anything else, or not at all. */
  readonly failed: number;
  /** The first reason for that. */
  readonly failure: string | undefined;
  /** Since the start, in milliseconds. */
  readonly elapsedMs: number;
}

/**
 * Sends many requests, several at a time.
 *
 * @returns What came back, when all is done or aborted, or too many have failed in a row.
 */
export async function runLoad(options: LoadOptions): Promise<LoadResult> {
  const { requests, concurrency, send, signal, onProgress } = options;
  const startedAt = performance.now();
  const latenciesMs: number[] = [];
  let [sent, refused, failed] = [0, 0, 0];
  let failure: string | undefined;
  let failuresInARow = 0;
  const result = () => ({
    latenciesMs,
    refused,
    failed,
    failure,
    elapsedMs: performance.now() - startedAt,
  });

  async function lane(): Promise<void> {
    while (sent < requests && !signal.aborted && failuresInARow < MOST_FAILURES) {
      sent++;
      const sentAt = performance.now();
      try {
        if (await send(signal) === "refused") refused++;
        else latenciesMs.push(performance.now() - sentAt);
        failuresInARow = 0;
      } catch (error) {
        if (signal.aborted) return;
        failed++;
        failuresInARow++;
        failure ??= error instanceof Error ? error.message : String(error);
      }
      onProgress(result());
    }
  }

  await Promise.all(Array.from({ length: Math.min(concurrency, requests) }, lane));
  return result();
}
