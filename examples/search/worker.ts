import { compressing } from "@off-the-loop/hono/worker";
import { serve } from "@off-the-loop/pool/worker";
import hljs from "highlight.js/lib/common";
import { Marked } from "marked";
import { markedHighlight } from "marked-highlight";
import MiniSearch from "minisearch";

/** A text in Markdown. */
export interface Article {
  readonly id: string;
  readonly text: string;
}

const articles = new Map<string, Article>();
const index = new MiniSearch<Article>({ fields: ["text"], searchOptions: { prefix: true } });
// What is written in HTML stays as it is: the articles are our own.
const marked = new Marked(markedHighlight({
  langPrefix: "hljs language-",
  highlight: (code, language) => hljs.highlight(code, { language: language || "plaintext" }).value,
}));
const STYLE =
  "<style>.hljs-keyword{color:#a0c}.hljs-string{color:#080}.hljs-comment{color:#888}</style>";

const search = {
  /** Each worker's first call: see `setup` in `app.ts`. */
  load(all: readonly Article[]): void {
    for (const article of all) articles.set(article.id, article);
    index.addAll(all);
  },
  /** Finds articles, best first, even if words are cut short or misspelt. */
  find(words: string): string[] {
    return index.search(words, { fuzzy: 0.2 }).map(({ id }) => id);
  },
  render(id: string): string {
    return `<!DOCTYPE html>\n${STYLE}\n${marked.parse(articles.get(id)!.text)}`;
  },
};

export type Search = typeof search;

serve(compressing(search));
