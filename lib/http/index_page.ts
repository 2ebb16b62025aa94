/** For a page without scripts and styles. */
export const INDEX_CSP =
  "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The page at `/` while no dashboard is built: a list of the paths. Links are relative: it may be behind a prefix. */
export const INDEX_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>Fibonacci</title>
<h1>Fibonacci</h1>
<dl>
<dt><a href="33">/33</a>
<dd>the 33rd Fibonacci number, as text or JSON
<dt><a href="33?algorithm=naive">/33?algorithm=naive</a>
<dd>the same, computed by its definition
<dt><a href="sequence?from=0&amp;count=20">/sequence?from=0&amp;count=20</a>
<dd>several numbers, one JSON object per line
<dt><a href="healthz">/healthz</a>, <a href="readyz">/readyz</a>
<dd>whether the service is alive, and whether it takes calls
<dt><a href="metrics">/metrics</a>
<dd>metrics for Prometheus
<dt><a href="events">/events</a>
<dd>what the workers do, as it happens
<dt><a href="dashboard">/dashboard</a>
<dd>the same as a page
<dt><a href="openapi.json">/openapi.json</a>
<dd>this list for programs
</dl>
<p>A page takes the place of this list after <code>deno task build</code>.
`;
