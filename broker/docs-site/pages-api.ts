/**
 * `/docs`: the documentation as pages that need no script, each also as Markdown under its path and `.md`; the
 * interactive reference; what search engines and reading programs look for. Everything is made when it is first asked
 * for and kept: what makes it is loaded only then, so that starting takes no longer.
 */
import type { IncomingMessage } from 'node:http';
import Mustache from 'mustache';
import { type HomingError, notFound } from '../core/model/errors.ts';
import { HTTP_STATUSES } from '../http/error-response.ts';
import { type Api, type OperationResponse, operation } from '../http/operation.ts';
import { type CachedResponse, cacheResponse, respondCached } from './cached-response.ts';
import type { DocsOptions } from './openapi-api.ts';
import { framePage } from './pages/frame.ts';
import type { Page } from './pages/page.ts';
import type { ShownSetting } from './pages/settings-page.ts';
import type { Site } from './pages/site.ts';
import { STYLE } from './pages/style.ts';

export interface PagesOptions extends DocsOptions {
  settings: readonly ShownSetting[];
}

const HTML = 'text/html; charset=utf-8';
const MARKDOWN = 'text/markdown; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const PLAIN = 'text/plain; charset=utf-8';

const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'strict-origin-when-cross-origin',
  'x-content-type-options': 'nosniff',
};

export function docsPagesApi(options: PagesOptions): Api<undefined> {
  const { publicUrl } = options;
  const base = () => new URL(publicUrl()).pathname.replace(/\/+$/, '');
  let site: Promise<Site> | undefined;
  const theSite = () => {
    site ??= import('./pages/site.ts').then(({ createSite }) =>
      createSite({ ...options, publicUrl: publicUrl() }),
    );
    return site;
  };

  const made = new Map<string, CachedResponse>();
  const kept = async (
    name: string,
    request: IncomingMessage,
    make: () => Promise<CachedResponse>,
  ): Promise<OperationResponse> => {
    const before = made.get(name) ?? (await make());
    made.set(name, before);
    return respondCached(before, request);
  };

  const pageAt = async (path: string, request: IncomingMessage): Promise<OperationResponse> => {
    const { pages, htmlOf, markdownOf } = await theSite();
    const isMarkdown = path.endsWith('.md');
    const page = pages.get(isMarkdown ? path.slice(0, -'.md'.length) : path);
    if (page === undefined) throw notFound('Page');
    return kept(path, request, async () =>
      isMarkdown ? cacheResponse(markdownOf(page), MARKDOWN, asIn(page)) : cacheResponse(htmlOf(page), HTML),
    );
  };
  /** Search engines list the page, not its Markdown. */
  const asIn = (page: Page) => ({ link: `<${publicUrl()}${page.path}>; rel="canonical"` });

  const page = (
    id: string,
    path: string,
    summary: string,
    pathOf: (params: Readonly<Record<string, string>>) => string,
  ) =>
    operation<undefined, unknown, unknown>({
      ...{ id, method: 'GET', path, summary },
      responses: { 200: { description: 'The page.' }, 404: { description: 'There is no such page.' } },
      handle: ({ params, request }) => pageAt(pathOf(params), request),
    });
  const file = (id: string, path: string, summary: string, make: () => Promise<CachedResponse>) =>
    operation<undefined, unknown, unknown>({
      ...{ id, method: 'GET', path, summary },
      responses: { 200: { description: 'The file.' } },
      handle: ({ request }) => kept(path, request, make),
    });

  return {
    name: 'docs-pages',
    authenticate: () => ({ caller: undefined, headers: PAGE_HEADERS }),
    mapError: (error) => refusalPage(error, base()),
    operations: [
      operation<undefined, unknown, unknown>({
        id: 'root',
        method: 'GET',
        path: '/',
        summary: 'To the documentation',
        responses: { 302: { description: 'There is nothing else here.' } },
        handle: async () => ({ status: 302, headers: { location: `${base()}/docs` } }),
      }),
      file('style', '/docs/style.css', 'The style of the pages', async () =>
        cacheResponse(STYLE, 'text/css; charset=utf-8'),
      ),
      file('interactive', '/docs/interactive', 'The interactive reference', async () => {
        const { interactivePage, INTERACTIVE_POLICY } = await import('./pages/interactive.ts');
        const headers = { 'content-security-policy': INTERACTIVE_POLICY };
        return cacheResponse(interactivePage(publicUrl(), base()), HTML, headers);
      }),
      file('interactiveScript', '/docs/interactive.js', 'What starts the interactive reference', async () =>
        cacheResponse((await import('./pages/interactive.ts')).INTERACTIVE_SCRIPT, SCRIPT),
      ),
      file('scalarProgram', '/docs/scalar.js', 'The program of the interactive reference', async () =>
        cacheResponse((await import('./pages/interactive.ts')).scalarProgram(), SCRIPT),
      ),
      page('overview', '/docs', 'The documentation', () => '/docs'),
      page('overviewMarkdown', '/docs.md', 'The same as Markdown', () => '/docs.md'),
      page('page', '/docs/:page', 'A page', ({ page }) => `/docs/${page}`),
      page('guide', '/docs/guides/:page', 'A guide', ({ page }) => `/docs/guides/${page}`),
      page(
        'apiPage',
        '/docs/reference/:page',
        'The reference of an API',
        ({ page }) => `/docs/reference/${page}`,
      ),
      page(
        'operationPage',
        '/docs/reference/:api/:page',
        'The reference of an operation',
        ({ api, page }) => `/docs/reference/${api}/${page}`,
      ),
      file('sitemap', '/sitemap.xml', 'Every page, for search engines', async () =>
        cacheResponse(
          (await indexes()).sitemap(await theSite(), publicUrl()),
          'application/xml; charset=utf-8',
        ),
      ),
      file('robots', '/robots.txt', 'What search engines may read', async () =>
        cacheResponse((await indexes()).robots(publicUrl()), PLAIN),
      ),
      file('llms', '/llms.txt', 'Every page, for programs that read', async () =>
        cacheResponse((await indexes()).llms(await theSite(), publicUrl()), PLAIN),
      ),
      file('llmsFull', '/llms-full.txt', 'Every page in one', async () =>
        cacheResponse((await indexes()).llmsFull(await theSite()), PLAIN),
      ),
    ],
  };
}

function indexes() {
  return import('./pages/indexes.ts');
}

function refusalPage({ code, message }: HomingError, base: string): OperationResponse {
  const heading = code === 'not_found' ? 'There is no such page' : 'That did not work';
  const intro = Mustache.render(
    '<h1>{{heading}}</h1>\n<p>{{message}}</p>\n<p><a href="{{base}}/docs">To the documentation</a></p>',
    { heading, message, base },
  );
  return {
    status: HTTP_STATUSES[code],
    contentType: HTML,
    body: framePage({
      ...{ title: `${heading}: Homing`, description: heading, canonical: '', markdown: '', base },
      ...{ intro, rest: '', headings: [], sections: [] },
    }),
  };
}
