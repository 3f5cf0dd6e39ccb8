/** Tests the HTML format of a text: links, line breaks and escaping. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formattedBody } from '../../../../broker/apis/textus/formatted-body.ts';

const LINK = /<a href="([^"<>]*)" target="_blank" rel="noopener noreferrer">/g;

/** Characters and words of typical injections, mixed with generated text. */
const pieces = fc.array(
  fc.oneof(
    fc.constantFrom(
      ...['<', '>', '"', "'", '&', '&lt;', '\n', '\r\n', '\r', ' ', '//', ':', '@', '=', '\u2028', '\0'],
      ...['javascript:alert(1)', 'JaVaScRiPt:', 'data:text/html,', 'vbscript:', 'mailto:a@b.co', 'a@b.co'],
      ...[
        'https://',
        'http://x.co',
        'x.co/?q=',
        'onmouseover=',
        '<script>',
        '<img src=x onerror=',
        '{{',
        '😀',
      ],
    ),
    fc.string({ unit: 'binary' }),
  ),
);

describe('formattedBody', () => {
  it.each([
    ['an empty text', '', '<div></div>'],
    ['markup', '<b>&"\'', '<div>&lt;b&gt;&amp;"\'</div>'],
    ['line breaks of every kind', 'a\nb\r\nc\rd', '<div>a<br>b<br>c<br>d</div>'],
    ['a javascript: URL', 'javascript:alert(1)', '<div>javascript:alert(1)</div>'],
    ['file and FTP URLs', 'file:///etc/passwd ftp://x.co', '<div>file:///etc/passwd ftp://x.co</div>'],
  ])('formats %s without a link', (_what, text, html) => {
    expect(formattedBody(text)).toBe(html);
  });

  it.each([
    ['https://example.com/a?b=1&c=2', 'https://example.com/a?b=1&amp;c=2'],
    ['http://example.com', 'http://example.com'],
    ['example.com', 'https://example.com'],
    ['ada@example.com', 'mailto:ada@example.com'],
  ])('links %s', (text, href) => {
    const escaped = text.replaceAll('&', '&amp;');
    expect(formattedBody(`see ${text} now`)).toBe(
      `<div>see <a href="${href}" target="_blank" rel="noopener noreferrer">${escaped}</a> now</div>`,
    );
  });

  it('returns only div, a and br tags, with http, https and mailto links, for any text', () => {
    fc.assert(
      fc.property(pieces, (parts) => {
        const html = formattedBody(parts.join(''));
        const [, inner] = /^<div>(.*)<\/div>$/s.exec(html) ?? [];
        for (const [, href] of inner!.matchAll(LINK)) expect(href).toMatch(/^(https?:\/\/|mailto:)/i);
        expect(inner!.replaceAll(LINK, '').replaceAll('</a>', '').replaceAll('<br>', '')).not.toMatch(
          /[<>\n\r]/,
        );
        expect(inner!.match(LINK)?.length ?? 0).toBe(inner!.match(/<\/a>/g)?.length ?? 0);
      }),
      { numRuns: 2_000 },
    );
  });
});
