/** What became of one request: its status, or how else it ended. */
export interface End {
  readonly end: string;
  readonly body: string;
}

/** The connection ended before the answer did. */
const LOST: End = { end: "lost", body: "" };
/** There was no connection to be had. */
const REFUSED: End = { end: "refused", body: "" };
/** The request was given up. */
const LEFT: End = { end: "left", body: "" };

/** A connection that was idle for longer is not used again: proxies close theirs after some 15 seconds. */
const MOST_IDLE_MS = 5_000;

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/** Asks over connections that are kept alive: as little as can be between a request and its clock. */
export class Asker implements AsyncDisposable {
  readonly #port: number;
  readonly #client: string | undefined;
  readonly #idle: { readonly connection: Deno.TcpConn; readonly since: number }[] = [];
  readonly #open = new Set<Deno.TcpConn>();
  readonly #waiting: (() => void)[] = [];
  readonly #requests = new Map<string, Uint8Array>();
  #free: number;

  /**
   * @param connections How many there may be at a time.
   * @param client The address for which it asks, as a proxy does. Default: its own.
   */
  constructor(port: number, connections: number, client?: string) {
    this.#port = port;
    this.#client = client;
    this.#free = connections;
  }

  /** @param patienceMs When the connection is closed, answered or not. Default: never. */
  async ask(path: string, patienceMs?: number): Promise<End> {
    // Whoever waits is handed the place of one that ends.
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    let left = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let connection: Deno.TcpConn | undefined;
    try {
      connection = this.#takeIdle() ?? await this.#connect();
      if (patienceMs !== undefined) {
        timer = setTimeout(() => {
          left = true;
          this.#close(connection!);
        }, patienceMs);
      }
      await connection.write(this.#request(path));
      const { keep, ...end } = await read(connection);
      if (keep) this.#idle.push({ connection, since: performance.now() });
      else this.#close(connection);
      return end;
    } catch {
      if (connection) this.#close(connection);
      return left ? LEFT : connection ? LOST : REFUSED;
    } finally {
      clearTimeout(timer);
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free++;
    }
  }

  /** Closes all connections: whoever waits for an answer learns that it is lost. */
  giveUp(): void {
    for (const connection of this.#open) this.#close(connection);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.giveUp();
    return Promise.resolve();
  }

  #request(path: string): Uint8Array {
    let request = this.#requests.get(path);
    if (!request) {
      const client = this.#client ? `X-Forwarded-For: ${this.#client}\r\n` : "";
      request = encoder.encode(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${client}\r\n`);
      this.#requests.set(path, request);
    }
    return request;
  }

  #takeIdle(): Deno.TcpConn | undefined {
    const last = this.#idle.pop();
    if (!last || performance.now() - last.since <= MOST_IDLE_MS) return last?.connection;
    // Those before it have been idle for longer.
    for (const { connection } of [last, ...this.#idle.splice(0)]) this.#close(connection);
  }

  async #connect(): Promise<Deno.TcpConn> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: this.#port });
    connection.setNoDelay();
    this.#open.add(connection);
    return connection;
  }

  #close(connection: Deno.TcpConn): void {
    if (this.#open.delete(connection)) connection.close();
  }
}

/** Reads one answer, of those that have a `Content-Length` or end with the connection. */
async function read(connection: Deno.TcpConn): Promise<End & { keep: boolean }> {
  const buffer = new Uint8Array(16_384);
  let text = "";
  let head = -1;
  while (head < 0) {
    const size = await connection.read(buffer);
    if (size === null) throw new Error("Connection was closed");
    text += decoder.decode(buffer.subarray(0, size));
    head = text.indexOf("\r\n\r\n");
  }
  const headers = text.slice(0, head);
  const length = Number(/\ncontent-length: (\d+)/i.exec(headers)?.[1] ?? Infinity);
  let body = text.slice(head + 4);
  let received = body.length;
  while (received < length) {
    const size = await connection.read(buffer);
    if (size === null) {
      if (length < Infinity) throw new Error("Connection was closed");
      break;
    }
    received += size;
    // Of a long body only the length is looked at.
    if (received < buffer.length) body += decoder.decode(buffer.subarray(0, size));
  }
  const keep = length < Infinity && !/\nconnection: close/i.test(headers);
  return { end: headers.slice(9, 12), body, keep };
}
