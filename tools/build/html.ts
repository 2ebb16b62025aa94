import { replaced } from "./replaced.ts";

const WEB = new URL("../../lib/web/", import.meta.url);

/** Reads a page of `lib/web/`, with the section of the machine in its place. */
export function readHtml(name: string): string {
  const section = Deno.readTextFileSync(new URL("machine/machine.html", WEB));
  const page = Deno.readTextFileSync(new URL(name, WEB));
  return replaced(page, "<!-- machine.html -->", section.trim().replaceAll("\n", "\n      "));
}
