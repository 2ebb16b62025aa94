import { assertEquals, assertMatch } from "@std/assert";
import { configureLog, getLogger, type LogLevel } from "../lib/log.ts";

function logged(level: LogLevel, run: () => void): Record<string, unknown>[] {
  const lines: string[] = [];
  configureLog(level, (line) => lines.push(line));
  run();
  return lines.map((line) => JSON.parse(line));
}

const logger = getLogger("fib.test");

Deno.test("configureLog() writes a record as one line of JSON", () => {
  const [line] = logged("info", () => logger.info("Listening", { port: 80, big: 2n }));
  assertMatch(String(line.time), /^\d{4}-\d\d-\d\dT.*Z$/);
  const { time: _, ...rest } = line;
  assertEquals(rest, {
    level: "info",
    logger: "fib.test",
    message: "Listening",
    port: 80,
    big: "2",
  });
});

Deno.test("configureLog() leaves out what is below its level", () => {
  const lines = logged("warning", () => {
    logger.debug("a");
    logger.info("b");
    logger.warning("c");
    logger.error("d");
  });
  assertEquals(lines.map(({ level }) => level), ["warning", "error"]);
});

Deno.test("configureLog() writes errors whole", () => {
  const error = Object.assign(new TypeError("a", { cause: new RangeError("b") }), { code: 7 });
  const [line] = logged("info", () => logger.error("Failed", { error }));
  const { name, message, stack, cause, code } = line.error as Record<string, unknown>;
  assertEquals([name, message, code], ["TypeError", "a", 7]);
  assertMatch(String(stack), /log_test\.ts/);
  assertEquals((cause as Error).message, "b");
});

Deno.test("configureLog() writes no character that a terminal obeys or that ends a line", () => {
  const lines: string[] = [];
  configureLog("debug", (line) => lines.push(line));
  const path = "/\u2028\u2029\u007f";
  logger.debug("\u001b[31m \u009b31m", { path });
  // deno-lint-ignore no-control-regex -- they are what is looked for
  assertEquals(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(lines.join("")), false);
  const record = JSON.parse(lines[0]);
  assertEquals([record.message, record.path], ["\u001b[31m \u009b31m", path]);
});

Deno.test("configureLog() loses no line to fields that JSON can't hold", () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  const error = new Error("its own cause");
  error.cause = error;
  for (const fields of [{ cycle }, { error }]) {
    const [line] = logged("info", () => logger.info("Odd", fields));
    assertEquals([line.message, typeof line.unloggable], ["Odd", "string"]);
  }
});

Deno.test("configureLog() lets no field take the place of the record's own", () => {
  const [line] = logged("info", () => logger.info("Said", { level: "x", message: "y" }));
  assertEquals([line.level, line.message], ["info", "Said"]);
});
