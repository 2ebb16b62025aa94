// A service that has run out of file descriptors.

import { assert, assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { assertAnswers33, get, METRIC, readAll, untilMetrics, write } from "./client.ts";
import { STARTS_PROGRAMS, startService } from "./service.ts";
import { later, pause, within } from "./waiting.ts";

/** The runtime raises its soft limit to the hard one. What lowers the hard one lowers the soft one first. */
const LIMIT = 128;
const BEFORE = `ulimit -Sn ${LIMIT} && ulimit -Hn ${LIMIT}`;

testWith(
  [...STARTS_PROGRAMS, { name: "program", program: "sh" }],
  "idle connections beyond the limit of file descriptors end neither the service nor each other",
  async () => {
    await using service = await startService({ before: BEFORE, env: { WORKERS: "2" } });
    const idle: Deno.TcpConn[] = [];
    try {
      for (let i = 0; i < 2 * LIMIT; i++) {
        // Between two servers nobody listens.
        const conn = await service.connect().catch(() => undefined);
        if (conn) idle.push(conn);
      }
      await service.logged("connection not accepted");
      // Those that had got through live on.
      const first = idle.shift()!;
      const answer = later(readAll(first));
      await write(first, "GET /33 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      assert((await within(10_000, "answer", answer)).endsWith("\r\n3524578"));
      first.close();
    } finally {
      for (const conn of idle) conn.close();
    }
    await within(10_000, "answer to a new connection", untilServed(() => assertAnswers33(service)));
    const lines = service.log.filter((line) => line.includes("connection not accepted"));
    assertEquals(lines.length, 1, service.log.join("\n"));
    await untilMetrics(service, { [METRIC.restarts]: 0, [METRIC.idle]: 2 });
    assertEquals((await get(service, "/healthz")).status, 200);
  },
);

async function untilServed(ask: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      await pause(20);
    }
  }
}
