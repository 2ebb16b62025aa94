/** A whole answer, as far as benchmarks look at it. */
export interface Answer {
  readonly status: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("latin1");

/**
 * One HTTP/1.1 connection that is kept alive: as little as can be between a request and its clock. Knows only
 * answers with a `Content-Length`, or that end with the connection.
 */
export class Connection implements Disposable {
  readonly #socket: Deno.TcpConn;
  readonly #buffer = new Uint8Array(65_536);

  private constructor(socket: Deno.TcpConn) {
    this.#socket = socket;
  }

  /** Connects to a port of this machine. @throws {Deno.errors.ConnectionRefused} */
  static async open(port: number): Promise<Connection> {
    const socket = await Deno.connect({ hostname: "127.0.0.1", port });
    socket.setNoDelay();
    return new Connection(socket);
  }

  /**
   * Asks, and reads the answer to its end. One at a time.
   *
   * @param more Lines of the request's header beside `Host`.
   */
  async get(path: string, more: readonly string[] = []): Promise<Answer> {
    const request = [`GET ${path} HTTP/1.1`, "Host: localhost", ...more, "\r\n"];
    await this.#socket.write(encoder.encode(request.join("\r\n")));
    let text = "";
    let head = -1;
    while (head < 0) {
      text += await this.#read();
      head = text.indexOf("\r\n\r\n");
    }
    const [statusLine, ...lines] = text.slice(0, head).split("\r\n");
    const headers = Object.fromEntries(lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    const length = Number(headers["content-length"] ?? NaN);
    if (Number.isNaN(length)) throw new Error(`Answer to ${path} has no Content-Length`);
    const parts = [text.slice(head + 4)];
    for (let left = length - parts[0].length; left > 0;) {
      const part = await this.#read();
      left -= part.length;
      parts.push(part);
    }
    return { status: Number(statusLine.split(" ")[1]), headers, body: parts.join("") };
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }

  async #read(): Promise<string> {
    const size = await this.#socket.read(this.#buffer);
    if (size === null) throw new Error("Connection was closed");
    return decoder.decode(this.#buffer.subarray(0, size));
  }
}
