/** Why the service, or whatever stands before it, gave no answer. */
export interface Problem {
  readonly title: string;
  readonly detail: string;
  /** What programs tell problems apart by, if the service itself tells of it. */
  readonly code: string | undefined;
}

/** Reads an answer that is none: a problem (RFC 9457), or what a proxy has put in its place. */
export function problemOf(response: Response, text: string): Problem {
  if (response.headers.get("content-type")?.startsWith("application/problem+json")) {
    try {
      const { status, title, detail, code } = JSON.parse(text);
      return { title: `${status} ${title}`, detail, code };
    } catch {
      // Cut off on its way.
    }
  }
  const title = `${response.status} ${response.statusText}`;
  return { title, detail: text.slice(0, 200), code: undefined };
}
