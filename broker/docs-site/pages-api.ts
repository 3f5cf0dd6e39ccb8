/**
 * Serves the documentation at `/docs`: pages that work without a script, each also as Markdown at its path with `.md`;
 * the search; the interactive reference; and the files for search engines and language models. Everything is made on the first request
 * and cached. The generators are loaded only then, so that they do not slow the start.
 */
import type { IncomingMessage } from 'node:http';
import Mustache from 'mustache';
import { type HomingError, notFound } from '../core/model/errors.ts';
import { type CachedResponse, cacheResponse, respondCached } from '../http/cached-response.ts';
import { HTTP_STATUSES } from '../http/error-response.ts';
import { type Api, type OperationResponse, operation } from '../http/operation.ts';
import type { DocsOptions } from './openapi-api.ts';
import { framePage } from './pages/frame.ts';
import type { Page } from './pages/page.ts';
import type { ShownSetting } from './pages/settings-page.ts';
import type { Site } from './pages/site.ts';
import { STYLE } from './pages/style.ts';
import { searchOperations } from './search-operations.ts';

export interface PagesOptions extends DocsOptions {
  settings: readonly ShownSetting[];
}

const HTML = 'text/html; charset=utf-8';
const MARKDOWN = 'text/markdown; charset=utf-8';
const SCRIPT = 'text/javascript; charset=utf-8';
const PLAIN = 'text/plain; charset=utf-8';

const PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'strict-origin-when-cross-origin',
};

export function docsPagesApi(options: PagesOptions): Api<undefined> {
  const { publicUrl } = options;
  const base = () => new URL(publicUrl()).pathname.replace(/\/+$/, '');
  let site: Promise<Site> | undefined;
  const loadSite = () => {
    site ??= import('./pages/site.ts').then(({ createSite }) =>
      createSite({ ...options, publicUrl: publicUrl() }),
    );
    return site;
  };

  const cache = new Map<string, CachedResponse>();
  const cached = async (
    name: string,
    request: IncomingMessage,
    make: () => Promise<CachedResponse>,
  ): Promise<OperationResponse> => {
    const response = cache.get(name) ?? (await make());
    cache.set(name, response);
    return respondCached(response, request);
  };

  const pageAt = async (path: string, request: IncomingMessage): Promise<OperationResponse> => {
    const { pages, htmlOf, markdownOf } = await loadSite();
    const isMarkdown = path.endsWith('.md');
    const page = pages.get(isMarkdown ? path.slice(0, -'.md'.length) : path);
    if (page === undefined) throw notFound('Page');
    return cached(path, request, async () =>
      isMarkdown
        ? cacheResponse(markdownOf(page), MARKDOWN, canonicalLink(page))
        : cacheResponse(htmlOf(page), HTML),
    );
  };
  /** Tells search engines to list the page instead of its Markdown. */
  const canonicalLink = (page: Page) => ({ link: `<${publicUrl()}${page.path}>; rel="canonical"` });

  const page = (
    id: string,
    path: string,
    summary: string,
    pathOf: (params: Readonly<Record<string, string>>) => string,
  ) =>
    operation<undefined, unknown, unknown>({
      ...{ id, method: 'GET', path, summary },
      responses: { 200: { description: 'The page.' }, 404: { description: 'The page does not exist.' } },
      handle: ({ params, request }) => pageAt(pathOf(params), request),
    });
  const file = (id: string, path: string, summary: string, make: () => Promise<CachedResponse>) =>
    operation<undefined, unknown, unknown>({
      ...{ id, method: 'GET', path, summary },
      responses: { 200: { description: 'The file.' } },
      handle: ({ request }) => cached(path, request, make),
    });

  return {
    name: 'docs-pages',
    authenticate: () => ({ caller: undefined, headers: PAGE_HEADERS }),
    mapError: (error) => errorPage(error, base()),
    operations: [
      file('style', '/docs/style.css', 'Get the style of the pages', async () =>
        cacheResponse(STYLE, 'text/css; charset=utf-8'),
      ),
      file('pageScript', '/docs/page.js', 'Get the script of the pages', async () =>
        cacheResponse((await import('./pages/page-script.ts')).PAGE_SCRIPT, SCRIPT),
      ),
      ...searchOperations({ loadSite, base }),
      file('interactive', '/docs/interactive', 'Get the interactive reference', async () => {
        const { interactivePage, INTERACTIVE_POLICY } = await import('./pages/interactive.ts');
        const headers = { 'content-security-policy': INTERACTIVE_POLICY };
        return cacheResponse(interactivePage(publicUrl(), base()), HTML, headers);
      }),
      file(
        'interactiveScript',
        '/docs/interactive.js',
        'Get the script that starts the interactive reference',
        async () => cacheResponse((await import('./pages/interactive.ts')).INTERACTIVE_SCRIPT, SCRIPT),
      ),
      file('scalarProgram', '/docs/scalar.js', 'Get the program of the interactive reference', async () =>
        cacheResponse((await import('./pages/interactive.ts')).scalarProgram(), SCRIPT),
      ),
      page('overview', '/docs', 'Get the overview', () => '/docs'),
      page('overviewMarkdown', '/docs.md', 'Get the overview as Markdown', () => '/docs.md'),
      page('page', '/docs/:page', 'Get a page', ({ page }) => `/docs/${page}`),
      page('guide', '/docs/guides/:page', 'Get a guide', ({ page }) => `/docs/guides/${page}`),
      page(
        'apiPage',
        '/docs/reference/:page',
        'Get the reference of an API',
        ({ page }) => `/docs/reference/${page}`,
      ),
      page(
        'operationPage',
        '/docs/reference/:api/:page',
        'Get the reference of an operation',
        ({ api, page }) => `/docs/reference/${api}/${page}`,
      ),
      file('sitemap', '/sitemap.xml', 'Get the sitemap for search engines', async () =>
        cacheResponse(
          (await indexes()).sitemap(await loadSite(), publicUrl()),
          'application/xml; charset=utf-8',
        ),
      ),
      file('robots', '/robots.txt', 'Get the rules for search engines', async () =>
        cacheResponse((await indexes()).robots(publicUrl()), PLAIN),
      ),
      file('llms', '/llms.txt', 'Get the index of the pages for language models', async () =>
        cacheResponse((await indexes()).llms(await loadSite(), publicUrl()), PLAIN),
      ),
      file('llmsFull', '/llms-full.txt', 'Get all pages in one file', async () =>
        cacheResponse((await indexes()).llmsFull(await loadSite()), PLAIN),
      ),
    ],
  };
}

function indexes() {
  return import('./pages/indexes.ts');
}

function errorPage({ code, message }: HomingError, base: string): OperationResponse {
  const heading = code === 'not_found' ? 'Page not found' : 'The request failed';
  const intro = Mustache.render(
    '<h1>{{heading}}</h1>\n<p>{{message}}</p>\n<p><a href="{{base}}/docs">Open the documentation</a></p>',
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
