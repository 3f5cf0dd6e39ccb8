/** Tests that texts of schemas, summaries and guides are shown unchanged and cannot run anything. */
import fc from 'fast-check';
import { parse } from 'node-html-parser';
import { describe, expect, it } from 'vitest';
import { code, codeBlock, prose, table } from '../../../../broker/docs-site/pages/prose.ts';
import { renderMarkdown } from '../../../../broker/docs-site/pages/render-markdown.ts';

const html = (markdown: string) => {
  const { intro, rest } = renderMarkdown(markdown, (href) => href);
  return intro + rest;
};
/** Texts with a meaning in Markdown or HTML. */
const hostile = fc
  .array(
    fc.constantFrom(
      ...`ab<>&"'|*_#[]()!~\\\`- \n`,
      '<script>',
      '</td>',
      '&amp;',
      '](javascript:x)',
      '**',
      '```',
      '{{x}}',
      '\\|',
    ),
    { maxLength: 20 },
  )
  .map((parts) => parts.join(''));
const spaced = (text: string) => text.replaceAll(/\s+/g, ' ').trim();

describe('renderMarkdown', () => {
  it('shows a text in a table unchanged, except for its backticks', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const cells = parse(html(table(['one', 'two'], [[`x${prose(text)}x`, 'next']]))).querySelectorAll(
          'td',
        );
        expect(cells.length).toBe(2);
        expect(cells[1]!.textContent).toBe('next');
        expect(cells[0]!.querySelectorAll(':not(code)').length).toBe(0);
        const bare = (one: string) => spaced(one.replaceAll('`', ''));
        expect(bare(cells[0]!.textContent)).toBe(bare(`x${text}x`));
      }),
      { numRuns: 2_000, examples: [['` a `'], ['`\na `']] },
    );
  });

  it('shows a text as code unchanged, also in a table', () => {
    fc.assert(
      fc.property(
        hostile.filter((text) => text.trim() !== ''),
        (text) => {
          const cell = parse(html(table(['one'], [[code(text)]]))).querySelector('td code')!;
          expect(spaced(cell.textContent)).toBe(spaced(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('shows a text in a code block unchanged, in every language', () => {
    fc.assert(
      fc.property(
        hostile,
        fc.constantFrom('sh', 'js', 'python', 'elixir', 'php', 'json', 'text'),
        (text, language) => {
          const block = parse(html(codeBlock(language, text)), { blockTextElements: {} }).querySelector(
            'pre code',
          )!;
          expect(block.querySelectorAll(':not(span)').length).toBe(0);
          expect(block.textContent).toBe(`${text}\n`);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('shows HTML and unsafe links of a guide as text', () => {
    const shown = html('<script>alert(1)</script> [x](javascript:alert%281%29) <b onclick="x">y</b>');
    expect(parse(shown).querySelectorAll('script, b, a').length).toBe(0);
    expect(shown).toContain('&lt;script&gt;');
  });
});

describe('a heading of a page', () => {
  it('has a unique anchor, also if two headings are equal', () => {
    const { intro, rest, headings } = renderMarkdown(
      '# Top\n\nLead.\n\n## One `two`\n\n### Deep\n\n## One two\n',
      (href) => href,
    );
    expect(intro).toBe('<h1>Top</h1>\n<p>Lead.</p>\n');
    expect(headings).toEqual([
      { id: 'one-two', text: 'One two' },
      { id: 'one-two-1', text: 'One two' },
    ]);
    expect(rest).toContain('<h3 id="deep">Deep</h3>');
  });
});
