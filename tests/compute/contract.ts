import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  ALGORITHM_NAMES,
  type AlgorithmName,
  type Compute,
  type Estimator,
  estimator,
  type FibonacciJob,
  type FibonacciResult,
  InfeasibleError,
} from "../../lib/compute/mod.ts";

/** A Compute and what has to be closed after its test. */
export interface Subject extends AsyncDisposable {
  readonly compute: Compute;
}

/** Registers one test of the contract. */
export type Register = (name: string, run: () => Promise<void>) => void;

const KNOWN: readonly (readonly [n: number, digits: string])[] = [
  [0, "0"],
  [1, "1"],
  [2, "1"],
  [10, "55"],
  [20, "6765"],
  [27, "196418"],
];

const KNOWN_LARGE: typeof KNOWN = [
  [78, "8944394323791464"],
  [100, "354224848179261915075"],
  [200, "280571172992510140037611932413038677189525"],
];

const decoder = new TextDecoder();

/**
 * Registers the tests that every {@linkcode Compute} must pass, whatever it is made of.
 *
 * @param make Makes a fresh one, which asks `estimate` how long a job takes.
 */
export function computeContract(
  name: string,
  make: (estimate: Estimator) => Subject,
  register: Register = Deno.test,
): void {
  const test = (criterion: string, run: (compute: Compute, estimated: () => number) => unknown) =>
    register(`${name} ${criterion}`, async () => {
      const estimate = estimator();
      let estimated = 0;
      const counted = Object.assign((job: FibonacciJob) => {
        estimated++;
        return estimate(job);
      }, { speed: estimate.speed, learn() {}, overran() {} });
      await using subject = make(counted);
      await run(subject.compute, () => estimated);
    });

  for (const algorithm of ALGORITHM_NAMES) {
    test(`answers with the digits of known numbers by ${algorithm}`, async (compute) => {
      const known = algorithm === "naive" ? KNOWN : [...KNOWN, ...KNOWN_LARGE];
      for (const [n, digits] of known) {
        assertEquals(textOf(await compute({ n, algorithm })), digits);
      }
    });
  }

  test("tells whether it has a cache, and keeps to it", async (compute) => {
    const job = { n: 50, algorithm: "fast-doubling" } as const;
    const first = await compute(job);
    const second = await compute(job);
    assert(first.cache === "miss" && second.cache === "hit" || first.cache === "off");
    if (first.cache === "off") assertEquals(second.cache, "off");
    else assertEquals([second.queueMs, second.computeMs], [0, 0]);
  });

  test("computes anew for whoever wants that, whatever there is", async (compute, estimated) => {
    const job = { n: 100, algorithm: "fast-doubling" } as const;
    const first = await compute(job);
    const before = estimated();
    const fresh = await compute(job, { fresh: true, deadlineMs: 60_000 });
    assertEquals([textOf(fresh), estimated()], [KNOWN_LARGE[1][1], before + 1]);
    assertEquals(fresh.cache, first.cache === "off" ? "off" : "bypass");
  });

  test("bounds a call that wants to be computed anew like any other", async (compute) => {
    const job = { n: 40, algorithm: "naive" } as const;
    await assertRejects(() => compute(job, { fresh: true, deadlineMs: 100 }), InfeasibleError);
    const reason = new Error("no longer wanted");
    const call = compute(job, { fresh: true, signal: AbortSignal.abort(reason) });
    assertStrictEquals(await call.catch((error) => error), reason);
    await assertUsable(compute);
  });

  test("tells which worker answered and how far it was, if one did", async (compute) => {
    const { worker, transferMs } = await compute({ n: 10, algorithm: "iterative" });
    assertEquals(typeof worker, typeof transferMs);
    if (worker === undefined) return;
    assert(Number.isInteger(worker) && worker >= 0, `${worker}`);
    assertGreaterOrEqual(transferMs!, 0);
  });

  test(
    "rejects with the reason of a signal that has aborted, and computes nothing",
    async (compute, estimated) => {
      const jobs = [
        [{ n: 20, algorithm: "naive" }, {}],
        [{ n: 40, algorithm: "naive" }, { deadlineMs: 1 }], // Infeasible as well.
        [{ n: NaN, algorithm: "iterative" }, {}], // Nonsense as well.
      ] as const;
      for (const reason of [new Error("no longer wanted"), "no longer wanted"]) {
        for (const [job, options] of jobs) {
          const call = compute(job, { ...options, signal: AbortSignal.abort(reason) });
          assertStrictEquals(await call.catch((error) => error), reason);
        }
      }
      // Whatever computes has to estimate before: that there was none proves that nothing was computed.
      assertEquals(estimated(), 0);
      await assertUsable(compute);
    },
  );

  test("rejects what can't meet its deadline with InfeasibleError", async (compute) => {
    const job = { n: 40, algorithm: "naive" } as const;
    const error = await assertRejects(() => compute(job, { deadlineMs: 100 }), InfeasibleError);
    assertEquals(error.deadlineMs, 100);
    assertEquals(error.estimateMs, estimator()(job));
    await assertUsable(compute);
  });

  test("answers within a deadline that is ample, or Infinity", async (compute) => {
    for (const deadlineMs of [60_000, Infinity]) {
      const result = await compute({ n: 10, algorithm: "iterative" }, { deadlineMs });
      assertEquals(textOf(result), "55");
    }
  });

  for (const n of [-1, 1.5, NaN]) {
    test(`rejects n = ${n} with the function's own RangeError`, async (compute) => {
      for (const algorithm of ALGORITHM_NAMES) {
        for (const options of [{}, { deadlineMs: 60_000 }]) {
          const call = () => compute({ n, algorithm }, options);
          const error = await assertRejects(call, RangeError, "n must be an integer from 0");
          assertInstanceOf(error, RangeError);
        }
      }
      await assertUsable(compute);
    });
  }

  test("rejects what an algorithm is not meant for with RangeError", async (compute) => {
    await assertRejects(() => compute({ n: 79, algorithm: "naive" }), RangeError, "from 0 to 78");
    await assertUsable(compute);
  });

  test("rejects an unknown algorithm with TypeError", async (compute) => {
    const algorithm = "quick" as AlgorithmName;
    await assertRejects(() => compute({ n: 1, algorithm }), TypeError);
    await assertUsable(compute);
  });

  test("answers many identical and different calls at a time", async (compute) => {
    const known = Array.from({ length: 8 }, () => [...KNOWN, ...KNOWN_LARGE]).flat();
    const results = await Promise.all(
      known.map(([n], i) =>
        compute({ n, algorithm: i % 2 === 0 ? "iterative" : "fast-doubling" }, {
          deadlineMs: 60_000,
        })
      ),
    );
    assertEquals(results.map(textOf), known.map(([, digits]) => digits));
  });

  test("never takes back the digits it has given", async (compute) => {
    const job = { n: 200, algorithm: "fast-doubling" } as const;
    const results = [await compute(job), ...await Promise.all([compute(job), compute(job)])];
    await compute({ n: 100, algorithm: "fast-doubling" });
    for (const result of results) assertEquals(textOf(result), KNOWN_LARGE[2][1]);
  });
}

async function assertUsable(compute: Compute): Promise<void> {
  assertEquals(textOf(await compute({ n: 10, algorithm: "fast-doubling" })), "55");
}

/** The digits as text, of a result that has passed for one. */
function textOf({ digits, cache, queueMs, computeMs }: FibonacciResult): string {
  assert(["hit", "shared", "miss", "bypass", "off"].includes(cache), cache);
  for (const ms of [queueMs, computeMs]) {
    assert(Number.isFinite(ms), `${ms}`);
    assertGreaterOrEqual(ms, 0);
  }
  if (typeof digits === "string") return digits;
  assertInstanceOf(digits, Uint8Array);
  // Whoever sends them hands out the buffer.
  assertEquals(new Uint8Array(digits.buffer), digits);
  return decoder.decode(digits);
}
