/**
 * Formats a message's text as HTML that is safe to insert into a page: a div with the escaped text, `<br>` for line
 * breaks, and links for web and mail addresses. The output contains no other tags or attributes.
 */
import linkify from 'linkify-string';

const LINE_BREAK = /\r\n|\r|\n/;
/** The capturing group keeps the white space among the parts. */
const WHITE_SPACE = /(\s+)/;
const MAY_BE_LINKED = /[.@:]./;
const LINKED = /^(?:https?:\/\/|mailto:)/i;

const OPTIONS = {
  defaultProtocol: 'https',
  validate: (_value: string, _type: string, token: { toHref(protocol: string): string }) =>
    LINKED.test(token.toHref('https')),
  render: ({ attributes, content }: { attributes: Record<string, unknown>; content: string }) =>
    `<a href="${escapeAttribute(String(attributes.href))}" target="_blank" rel="noopener noreferrer">${escapeText(content)}</a>`,
};

/** The linker's time grows with the square of a word's length: a text may use as much as one word of this length. */
const LINKED_CHARACTERS = 2048;
const COST_PER_CHARACTER = 128;

export function formattedBody(text: string): string {
  const budget = { left: wordCost(LINKED_CHARACTERS) };
  return `<div>${text
    .split(LINE_BREAK)
    .map((line) => linkedLine(line, budget))
    .join('<br>')}</div>`;
}

/** Words beyond the budget stay plain text, so that no message can occupy the process. */
function linkedLine(line: string, budget: { left: number }): string {
  return line
    .split(WHITE_SPACE)
    .map((word) => {
      if (!MAY_BE_LINKED.test(word) || wordCost(word.length) > budget.left) return escapeText(word);
      budget.left -= wordCost(word.length);
      return linkify(word, OPTIONS);
    })
    .join('');
}

const wordCost = (characters: number): number => (characters + 1) * (characters + COST_PER_CHARACTER);

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;');
}
