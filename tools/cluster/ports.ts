/**
 * Makes sure that an address can be listened on: whoever finds a balancer there later could have found somebody else.
 *
 * @throws {Error} If it can't, with the address.
 */
export function requireFree(host: string, port: number): void {
  try {
    Deno.listen({ hostname: host, port }).close();
  } catch (cause) {
    throw new Error(`Can't listen on ${host}:${port}: ${(cause as Error).message}`, { cause });
  }
}

/** @returns Ports of 127.0.0.1 that nothing listens on. Somebody else could take one: then its instance fails. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  for (const listener of listeners) listener.close();
  return ports;
}
