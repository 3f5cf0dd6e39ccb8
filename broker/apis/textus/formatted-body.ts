/**
 * Formats a message's text as HTML that is safe to insert into a page: a div with the escaped text, `<br>` for line
 * breaks, and links for web and mail addresses. The output contains no other tags or attributes.
 */
import linkify from 'linkify-string';

const LINE_BREAK = /\r\n|\r|\n/;
const LINKED = /^(?:https?:\/\/|mailto:)/i;

const OPTIONS = {
  defaultProtocol: 'https',
  validate: (_value: string, _type: string, token: { toHref(protocol: string): string }) =>
    LINKED.test(token.toHref('https')),
  render: ({ attributes, content }: { attributes: Record<string, unknown>; content: string }) =>
    `<a href="${escapeHtml(String(attributes.href))}" target="_blank" rel="noopener noreferrer">${escapeHtml(content)}</a>`,
};

export function formattedBody(text: string): string {
  return `<div>${text
    .split(LINE_BREAK)
    .map((line) => linkify(line, OPTIONS))
    .join('<br>')}</div>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
