import { deno, file } from "../contenders/commands.ts";
import { output } from "../runner/process.ts";
import type { Case, Target } from "./case.ts";

/** Each n. At a quarter of GMP's time nobody waits for the arithmetic any more. */
const NUMBERS: readonly (readonly [n: number, label: string, target?: Target])[] = [
  [1e5, "10⁵"],
  [1e6, "10⁶"],
  [3e6, "3·10⁶"],
  [1e7, "10⁷", { against: "gmp", atMost: 0.25 }],
  [1.5e7, "1.5·10⁷"],
  [1e8, "10⁸"],
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
    "GMP is not the fastest there is: arithmetic in decimal radix, as FLINT has it since 2026 " +
    "(https://fredrikj.net/blog/2026/fast-nonbinary-arithmetic), is about twice as fast as this project at 10⁷. Debian's " +
    "FLINT is older, and takes no part.",
    "GMP makes a C string, this project bytes, BigInt a string: what each hands on without another copy.",
    "All must agree on the number of digits, the first and the last ten.",
  ],
  metrics: NUMBERS.map(([n, label, target]) => ({
    key: String(n),
    label: `${label}, ms`,
    better: "lower",
    ...(target && { target }),
  })),
  contenders: ["ours", "gmp", "bigint"],
  rounds: { quick: 0, all: 3 },
  async trial(_, contender) {
    const values: Record<string, number> = {};
    for (const [n] of NUMBERS) {
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
