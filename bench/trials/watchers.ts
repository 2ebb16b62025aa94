/**
 * Open pages, as far as the service can tell: `watchers.ts <port> <count>` reads as many event streams, and tells
 * on stdout, whenever it reads something from stdin, how many have had an event.
 *
 * @module
 */

const [port, count] = Deno.args.map(Number);
let watching = 0;

/** No more than reading: what a browser does with it is on another machine. */
async function watch(): Promise<void> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(
    new TextEncoder().encode("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"),
  );
  const buffer = new Uint8Array(65_536);
  let isFirst = true;
  while (await connection.read(buffer) !== null) {
    if (isFirst) watching++;
    isFirst = false;
  }
}

const watches = Array.from({ length: count }, watch);
for await (const _ of Deno.stdin.readable) {
  while (watching < count) await new Promise((resolve) => setTimeout(resolve, 10));
  console.log(JSON.stringify({ watching }));
}
await Promise.all(watches);
