import { assert, assertEquals } from "@std/assert";
import type { ServiceStats } from "../../lib/hono/mod.ts";
import { poolStats, problemOf } from "../http/fakes.ts";
import { fixture } from "./app_fixture.ts";

const TOLD = "No worker can be loaded; the log says why";

/** An app over a pool that can't load its workers, for a reason. */
function failing() {
  const self = fixture();
  const { backend, get } = self;
  const set = (loadFailure: string | null) => {
    const ready = loadFailure === null;
    const pool: ServiceStats["pool"] = poolStats([ready ? "idle" : "starting"], { loadFailure });
    backend.stats = () => ({ ...pool });
    backend.health = () => ({ ready, healthy: true, reason: `No worker: ${loadFailure}` });
  };
  const readyz = async () => await get("/ops/readyz");
  const reasons = () => self.lines.map(({ level, fields }) => [level, fields.reason]);
  return { ...self, set, readyz, reasons };
}

Deno.test("/readyz does not tell why workers can't be loaded; each new reason is logged", async () => {
  const { set, readyz, reasons } = failing();
  for (const reason of ["password s3cret", "password s3cret", "another", null, "another"]) {
    set(reason);
    const response = await readyz();
    if (reason === null) assertEquals(response.status, 200);
    else assertEquals((await problemOf(response)).detail, TOLD);
  }
  const logged = ["password s3cret", "another", "another"].map((reason) => ["error", reason]);
  assertEquals(reasons(), logged);
});

Deno.test("/events does not tell why workers can't be loaded", async () => {
  const { get, set, work } = failing();
  set("password s3cret");
  const { body } = await get("/ops/events");
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await reader.read();
  assert(value!.includes(`"loadFailure":"${TOLD}"`), value);
  assert(!value!.includes("s3cret"));
  await reader.cancel();
  await work.drain();
});
