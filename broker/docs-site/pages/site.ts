/** Lists the pages of the documentation in the order of the navigation, and makes their Markdown and HTML on demand. */

import recorded from '../../../docs/reference/recorded-responses.json' with { type: 'json' };
import { framePage } from './frame.ts';
import { guideParts } from './guide-pages.ts';
import { overviewPage } from './overview-page.ts';
import { type Page, type Section, WRITTEN_ADDRESS } from './page.ts';
import { REFERENCE_PATH, type ReferenceOptions, referencePages } from './reference-pages.ts';
import { renderMarkdown } from './render-markdown.ts';
import { type ShownSetting, settingsPage } from './settings-page.ts';

export interface SiteOptions extends Omit<ReferenceOptions, 'recorded'> {
  settings: readonly ShownSetting[];
}

export interface Site {
  sections: readonly Section[];
  /** Pages by path. */
  pages: ReadonlyMap<string, Page>;
  markdownOf(page: Page): string;
  htmlOf(page: Page): string;
  /** The navigation of a page that is not part of it. */
  navigation: Parameters<typeof framePage>[0]['sections'];
}

export function createSite(options: SiteOptions): Site {
  const { publicUrl, settings } = options;
  const base = new URL(publicUrl).pathname.replace(/\/+$/, '');
  const parts = guideParts();
  const reference = referencePages({ ...options, recorded });
  const overview = overviewPage(
    parts.flatMap(({ pages }) => pages),
    reference.apis,
  );
  const named = (page: Page, name = page.heading) => ({ page, name });
  const sections: Section[] = [
    ...parts.map(({ name, pages }) => ({
      name,
      pages: [
        ...(name === 'Begin' ? [named(overview, 'Overview')] : []),
        ...pages.map((page) => named(page)),
        ...(name === 'Run it' ? [named(settingsPage(settings))] : []),
      ],
    })),
    {
      name: 'Reference',
      pages: [
        named(reference.index, 'All APIs'),
        ...reference.apis.map(({ page, description, operations }) => ({
          ...named(page, description.title),
          below: operations.map((one) => named(one)),
        })),
      ],
    },
  ];
  const all = sections.flatMap(({ pages }) =>
    pages.flatMap(({ page, below = [] }) => [page, ...below.map((one) => one.page)]),
  );

  const written = (page: Page) => `${page.markdown().replaceAll(WRITTEN_ADDRESS, publicUrl)}\n`;
  /** The Markdown is read outside the site, so its links are complete addresses. */
  const markdownOf = (page: Page) =>
    written(page).replaceAll(/\]\(((?:\.{0,2}\/)?[\w./-]*(?:#[\w-]+)?)\)/g, (link, href: string) => {
      if (!/^\.{0,2}\/|^#|\.md(?:#|$)/.test(href)) return link;
      const { pathname, hash } = new URL(href, `http://page${page.path}.md`);
      return `](${publicUrl}${pathname}${hash})`;
    });
  /** Converts links between pages: they end in `.md` and are relative to the page or the root of the broker. */
  const addressFrom = (page: Page) => (href: string) => {
    if (/^(\w+:|#)/.test(href)) return href;
    const { pathname, hash } = new URL(href, `http://page${page.path}.md`);
    return base + (pathname.startsWith('/docs') ? pathname.replace(/\.md$/, '') : pathname) + hash;
  };

  /** The pages before and after a page in the order of the navigation. */
  const neighbor = (page: Page, distance: number) => {
    const at = all.indexOf(page) + distance;
    const found = all[at];
    return found === undefined ? undefined : { href: base + found.path, name: found.heading };
  };

  return {
    sections,
    navigation: [...navigation(sections, undefined, base), { name: 'For tools', links: tools(base) }],
    pages: new Map(all.map((page) => [page.path, page])),
    markdownOf,
    htmlOf: (page) =>
      framePage({
        ...renderMarkdown(written(page), addressFrom(page)),
        title: page.title,
        description: page.description,
        canonical: publicUrl + page.path,
        markdown: `${publicUrl}${page.path}.md`,
        base,
        previous: neighbor(page, -1),
        next: neighbor(page, 1),
        sections: [...navigation(sections, page, base), { name: 'For tools', links: tools(base) }],
      }),
  };
}

function tools(base: string) {
  return [
    { href: `${base}/docs/interactive`, name: 'Interactive reference' },
    { href: `${base}/openapi.json`, name: 'OpenAPI 3.1' },
    { href: `${base}/llms.txt`, name: 'llms.txt' },
  ].map((link) => ({ ...link, isHere: false, below: [] }));
}

/** Lists the operations of an API only on the pages of that API. */
function navigation(sections: readonly Section[], here: Page | undefined, base: string) {
  return sections.map(({ name, pages }) => ({
    name,
    links: pages.map(({ page, name, below = [] }) => {
      const isOpen =
        page.path !== REFERENCE_PATH && [page, ...below.map((one) => one.page)].some((one) => one === here);
      const entry = (one: { page: Page; name: string }) => ({
        href: base + one.page.path,
        name: one.name,
        isHere: one.page === here,
      });
      return { ...entry({ page, name }), below: isOpen ? below.map(entry) : [] };
    }),
  }));
}
