import { assertEquals } from "@std/assert";
import { answerPath, pagePath, parseN, questionOf } from "../../lib/web/question.ts";

Deno.test("parseN() takes digits as people write them, and nothing else", () => {
  const texts = ["33", " 10,000,000 ", "10 000", "10_000", "10'000", "007", "0", "000"];
  const expected = ["33", "10000000", "10000", "10000", "10000", "7", "0", "0"];
  assertEquals(texts.map(parseN), expected);
  for (const text of ["", " ", ",", "-1", "1.5", "1e3", "0x10", "５", "33n", "9".repeat(41)]) {
    assertEquals([text, parseN(text)], [text, undefined]);
  }
});

Deno.test("questionOf() reads what pagePath() writes", () => {
  for (const n of ["0", "33", "9".repeat(40)]) {
    for (const algorithm of ["naive", "iterative", "fast-doubling"] as const) {
      const question = { n, algorithm };
      assertEquals(questionOf(pagePath(question)), question);
    }
  }
});

Deno.test("questionOf() makes the best of what others write", () => {
  assertEquals(questionOf(""), undefined);
  assertEquals(questionOf("?algorithm=naive"), undefined);
  assertEquals(questionOf("?n=abc"), undefined);
  assertEquals(questionOf("?n=7"), { n: "7", algorithm: "fast-doubling" });
  assertEquals(questionOf("?n=7&algorithm=magic"), { n: "7", algorithm: "fast-doubling" });
});

Deno.test("answerPath() is where the service answers", () => {
  assertEquals(answerPath({ n: "33", algorithm: "naive" }), "33?algorithm=naive");
});
