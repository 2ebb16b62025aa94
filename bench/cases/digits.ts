import { deno, file } from "../contenders/commands.ts";
import { output } from "../runner/process.ts";
import type { Case } from "./case.ts";

/** Each n, and how many times as long as GMP it may take at most. */
const TARGETS: readonly (readonly [n: number, label: string, atMost: number])[] = [
  [1e5, "10⁵", 3],
  [1e6, "10⁶", 0.5],
  [3e6, "3·10⁶", 0.5],
  [1e7, "10⁷", 0.25],
  [1.5e7, "1.5·10⁷", 0.5],
  [1e8, "10⁸", 0.15],
];

/** What was answered first to each n: all must agree. */
const answers = new Map<number, string>();

export const digits: Case = {
  title: "From n to the decimal digits of F(n)",
  what:
    "One thread, no pool, no HTTP: whole calls, milliseconds, the median of several in one process; the " +
    "first call is not counted, unless it takes more than two seconds.",
  notes: [
    "GMP is what programs in C would use, as it is packaged: `mpz_fib_ui` and `mpz_get_str`, on one " +
    "thread. Some distributions tune it for one processor; Debian does not.",
    "GMP makes a C string, this project bytes, BigInt a string: what each hands on without another copy.",
    "All must agree on the number of digits, the first and the last ten.",
  ],
  metrics: TARGETS.map(([n, label, atMost]) => ({
    key: String(n),
    label: `${label}, ms`,
    better: "lower",
    target: { against: "gmp", atMost },
  })),
  contenders: ["ours", "gmp", "bigint"],
  rounds: { quick: 0, all: 3 },
  async trial(_, contender) {
    const values: Record<string, number> = {};
    for (const [n] of TARGETS) {
      const args = [`file://${file(contender.digits!)}`, String(n)];
      const flags = [
        "--allow-read=.",
        ...(contender.needs?.includes("gmp") ? ["--allow-ffi"] : []),
      ];
      const { ms, answer } = JSON.parse(await output(deno("trials/digits.ts", args, flags)));
      const known = answers.get(n) ?? answer;
      if (answer !== known) throw new Error(`F(${n}) has ${answer}, not ${known}`);
      answers.set(n, answer);
      values[n] = ms;
    }
    return values;
  },
};
