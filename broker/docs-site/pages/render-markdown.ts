/**
 * Renders Markdown as HTML. HTML in the source is shown as text, and unsafe link addresses are dropped. Code is highlighted
 * here, so that the page needs no script.
 */
import GithubSlugger from 'github-slugger';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import elixir from 'highlight.js/lib/languages/elixir';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import MarkdownIt, { type Token } from 'markdown-it';

export interface Rendered {
  /** HTML before the first heading of level 2, and the rest. */
  intro: string;
  rest: string;
  headings: readonly { id: string; text: string }[];
}

const LANGUAGES = { sh: bash, js: javascript, python, elixir, php, json };
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

const markdown = new MarkdownIt({
  html: false,
  highlight: (text, language) =>
    hljs.getLanguage(language) === undefined ? '' : hljs.highlight(text, { language }).value,
});
// A wide block scrolls, also by keyboard.
const { fence } = markdown.renderer.rules;
if (fence === undefined) throw new Error('markdown-it has no renderer for fenced code.');
markdown.renderer.rules.fence = (...given) => fence(...given).replace('<pre>', '<pre tabindex="0">');

/** `address` converts the target of a link. */
export function renderMarkdown(text: string, address: (href: string) => string): Rendered {
  const tokens = markdown.parse(text, {});
  const headings = nameHeadings(tokens);
  labelCells(tokens);
  for (const { children } of tokens) {
    for (const token of children ?? []) {
      const href = token.type === 'link_open' ? token.attrGet('href') : null;
      if (typeof href === 'string') token.attrSet('href', address(href));
    }
  }
  const second = tokens.findIndex(({ type, tag }) => type === 'heading_open' && tag === 'h2');
  const end = second < 0 ? tokens.length : second;
  const render = (some: Token[]) => markdown.renderer.render(some, markdown.options, {});
  return { intro: render(tokens.slice(0, end)), rest: render(tokens.slice(end)), headings };
}

/** Gives each heading an id. Headings of level 2 form the table of contents. */
function nameHeadings(tokens: readonly Token[]): Rendered['headings'] {
  const slugger = new GithubSlugger();
  const headings: { id: string; text: string }[] = [];
  tokens.forEach((token, index) => {
    if (token.type !== 'heading_open' || token.tag === 'h1') return;
    const text = (tokens[index + 1]?.children ?? []).map(({ content }) => content).join('');
    const id = slugger.slug(text);
    token.attrSet('id', id);
    if (token.tag === 'h2') headings.push({ id, text });
  });
  return headings;
}

/**
 * Labels each cell with its column. On a phone the style shows each row as a block; the roles keep it a table for screen
 * readers.
 */
function labelCells(tokens: readonly Token[]): void {
  const roles: Record<string, string> = {
    ...{ table_open: 'table', thead_open: 'rowgroup', tbody_open: 'rowgroup', tr_open: 'row' },
    ...{ th_open: 'columnheader', td_open: 'cell' },
  };
  let labels: string[] = [];
  let column = 0;
  tokens.forEach((token, index) => {
    const role = roles[token.type];
    if (role !== undefined) token.attrSet('role', role);
    if (token.type === 'table_open') labels = [];
    if (token.type === 'th_open') labels.push(tokens[index + 1]?.content ?? '');
    if (token.type === 'tr_open') column = 0;
    if (token.type === 'td_open') token.attrSet('data-label', labels[column++] ?? '');
  });
}
