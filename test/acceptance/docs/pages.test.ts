/** Reads the documentation as a search engine does: plain HTML, following the links from `/docs`. */
import { type HTMLElement, parse } from 'node-html-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GUIDES } from '../../../broker/docs-site/pages/guide-pages.ts';
import { SETTINGS } from '../../../broker/settings.ts';
import { documentedOperations } from '../../support/documented-operations.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, type HttpResponse } from '../../support/http-client.ts';

const PUBLIC = 'https://docs.homing.test/api';
const LANGUAGES = ['curl', 'JavaScript', 'Python', 'Elixir', 'PHP'];

const EVENTS = [
  ...['message.received', 'message.sent', 'message.delivered', 'message.failed', 'message.reaction'],
  ...['message.edited', 'message.unsent', 'message.read', 'conversation.created', 'conversation.updated'],
  ...[
    'typing.started',
    'typing.stopped',
    'action.failed',
    'device.online',
    'device.offline',
    'device.problem',
  ],
];

let homing: HomingProcess;
/** Every page that is linked from `/docs`, by path. */
const pages = new Map<string, HTMLElement>();
/** Every other address of the broker that a page links to. */
const others = new Set<string>();
const responses = new Map<string, HttpResponse>();

const get = (path: string, headers: Record<string, string> = {}) =>
  clientFor(homing.url).request('GET', path, { headers });

/** The broker is behind a proxy that removes the path prefix. */
function ownPath(href: string, from: string): string | undefined {
  const { origin, pathname } = new URL(href, PUBLIC + from);
  return origin === new URL(PUBLIC).origin ? pathname.replace(/^\/api(?=\/)/, '') : undefined;
}

beforeAll(async () => {
  homing = await startHoming({ HOMING_PUBLIC_URL: PUBLIC });
  const waiting = ['/docs'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (pages.has(path)) continue;
    const answer = await get(path);
    expect(answer.status, path).toBe(200);
    responses.set(path, answer);
    const page = parse(answer.text);
    pages.set(path, page);
    for (const link of page.querySelectorAll('a[href]')) {
      const target = ownPath(link.getAttribute('href')!, path);
      if (target === undefined) continue;
      const isPage = target.startsWith('/docs') && !/\.md$|^\/docs\/interactive$/.test(target);
      if (isPage) waiting.push(target);
      else others.add(target);
    }
  }
});
afterAll(() => homing?.dispose());

const only = (page: HTMLElement, selector: string, path: string) => {
  const found = page.querySelectorAll(selector);
  expect(found.length, `${selector} of ${path}`).toBe(1);
  return found[0]!;
};
const unescaped = (html: string) => parse(`<p>${html}</p>`).textContent;

describe('the pages at /docs', () => {
  it('include every guide, the settings and a page of every operation', async () => {
    const { operations } = await documentedOperations(homing.url);
    expect(operations.length).toBeGreaterThan(70);
    expect([...pages.keys()]).toEqual(
      expect.arrayContaining([
        ...GUIDES.map((name) => `/docs/guides/${name}`),
        '/docs/settings',
        ...operations.map(({ page }) => page),
      ]),
    );
    expect(GUIDES.length).toBeGreaterThan(10);
  });

  it('have no broken link or anchor', async () => {
    for (const [path, page] of pages) {
      const ids = page.querySelectorAll('[id]').map(({ id }) => id);
      expect(new Set(ids).size, path).toBe(ids.length);
      for (const link of page.querySelectorAll('a[href]')) {
        const href = link.getAttribute('href')!;
        expect(href, path).toMatch(/^(#|\/api\/|https:\/\/)/);
        const target = pages.get(ownPath(href, path) ?? '');
        const { hash } = new URL(href, PUBLIC + path);
        if (target === undefined || hash === '') continue;
        expect(target.getElementById(hash.slice(1)), `${path} → ${href}`).not.toBeNull();
      }
    }
    expect([...others].filter((path) => path.endsWith('.md')).length).toBe(pages.size);
    for (const path of others) expect((await get(path)).status, path).toBe(200);
  });

  it('have a unique title and description each', () => {
    const titles = new Set<string>();
    const descriptions = new Set<string>();
    for (const [path, page] of pages) {
      const heading = only(page, 'h1', path).textContent;
      const title = unescaped(only(page, 'title', path).textContent);
      const description = unescaped(only(page, 'meta[name=description]', path).getAttribute('content')!);
      expect(heading.length, path).toBeGreaterThan(3);
      expect(title.length, title).toBeGreaterThan(12);
      expect(title.length, title).toBeLessThan(90);
      expect(description.length, description).toBeGreaterThan(50);
      expect(description.length, description).toBeLessThan(260);
      titles.add(title);
      descriptions.add(description);
      expect(only(page, 'link[rel=canonical]', path).getAttribute('href')).toBe(PUBLIC + path);
      expect(only(page, 'html', path).getAttribute('lang')).toBe('en');
      expect(page.querySelectorAll('[aria-current=page]').length, path).toBe(1);
    }
    expect([titles.size, descriptions.size]).toEqual([pages.size, pages.size]);
  });

  it('load only their own style and script', () => {
    for (const [path, { headers, text }] of responses) {
      expect(headers.get('content-security-policy'), path).toMatch(
        /^default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self';/,
      );
      expect(headers.get('x-content-type-options'), path).toBe('nosniff');
      const page = pages.get(path)!;
      expect(page.querySelectorAll('iframe, img, style, [style]').length, path).toBe(0);
      const [script, ...more] = page.querySelectorAll('script');
      expect([script?.getAttribute('src'), script?.textContent, more.length], path).toEqual([
        ...['/api/docs/page.js', '', 0],
      ]);
      expect(text, path).not.toMatch(/\son\w+=|javascript:/);
      const loaded = page
        .querySelectorAll('link[rel=stylesheet], link[rel=icon]')
        .map((one) => one.getAttribute('href')!);
      expect(
        loaded.filter((href) => !/^(data:image\/svg|\/api\/docs\/)/.test(href)),
        path,
      ).toEqual([]);
    }
  });

  it('show the request, the responses and five samples of an operation', () => {
    const page = pages.get('/docs/reference/texting-blue/create-webhook')!;
    expect(page.querySelectorAll('h2').map(({ textContent }) => textContent)).toEqual(
      [...['Body', 'Responses', 'Errors', 'Samples']].concat(
        'Begin',
        'Run it',
        'Move to it',
        'Reference',
        'For tools',
      ),
    );
    const rows = page.querySelectorAll('table')[0]!.querySelectorAll('tbody tr');
    expect(rows.map((row) => row.querySelectorAll('td').map(({ textContent }) => textContent))).toEqual([
      ['url', 'URL', 'yes', 'URL that receives the events by POST. At most 2048 characters.'],
      [
        ...['events', 'list of string', 'yes'],
        `Types of the delivered events. One of ${EVENTS.join(', ')}. At least 1 entries.`,
      ],
      [
        'phone_number',
        'string or null',
        'no',
        'Limits the webhook to the events of this number; null: all numbers. Example: +14155550100.',
      ],
    ]);
    for (const [path, { text }] of responses) {
      if (!/^\/docs\/reference\/[\w-]+\/./.test(path)) continue;
      const headings = parse(text)
        .querySelectorAll('h3')
        .map(({ textContent }) => textContent);
      expect(headings, path).toEqual(expect.arrayContaining(LANGUAGES));
      expect(text, path).toContain(PUBLIC);
    }
  });

  it('list every setting', () => {
    const text = pages.get('/docs/settings')!.textContent;
    for (const { name, flag, purpose } of Object.values(SETTINGS)) {
      for (const part of [name, flag, purpose]) expect(unescaped(text)).toContain(part);
    }
  });

  it('are cacheable, and respond 304 while they are unchanged', async () => {
    for (const encoding of ['gzip', 'identity']) {
      const headers = { 'accept-encoding': encoding };
      const first = await get('/docs', headers);
      expect(first.text).toBe(responses.get('/docs')!.text);
      expect(first.headers.get('content-encoding')).toBe(encoding === 'gzip' ? 'gzip' : null);
      expect(first.headers.get('vary')).toBe('accept-encoding');
      expect(first.headers.get('cache-control')).toBe('public, max-age=300');
      const etag = first.headers.get('etag')!;
      const again = await get('/docs', { ...headers, 'if-none-match': etag });
      expect([again.status, again.text, again.headers.get('etag')]).toEqual([304, '', etag]);
    }
  });

  it.each([
    '/docs/nothing',
    '/docs/guides/..%2f..%2fREADME',
    '/docs/reference/nothing',
    '/docs/a/b/c/d',
    '/docs/<script>',
  ])('respond 404 with an error page for %s', async (path) => {
    const { status, text, headers } = await get(path);
    expect([status, headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8']);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = parse(text);
    expect(only(page, 'h1', path).textContent).toBe('Page not found');
    expect(only(page, 'meta[name=robots]', path).getAttribute('content')).toBe('noindex');
    expect(page.querySelectorAll('script').length).toBe(1);
  });
});

describe('the order of the pages', () => {
  it('is shown as links to the previous and the next page', () => {
    const walked = ['/docs'];
    for (let path: string | undefined = '/docs'; path !== undefined; ) {
      const next: string | undefined = pages
        .get(path)!
        .querySelector('.neighbors a[rel=next]')
        ?.getAttribute('href');
      const following: string | undefined = next === undefined ? undefined : ownPath(next, path);
      if (following !== undefined) {
        const back = pages.get(following)!.querySelector('.neighbors a[rel=prev]')!;
        expect(ownPath(back.getAttribute('href')!, following)).toBe(path);
        walked.push(following);
      }
      path = following;
    }
    expect(walked.toSorted()).toEqual([...pages.keys()].toSorted());
  });
});

describe('the search', () => {
  const find = async (words: string) => {
    const { text, status } = await get(`/docs/search?q=${encodeURIComponent(words)}`);
    expect(status, words).toBe(200);
    const page = parse(text);
    const links = page
      .querySelectorAll('.results a')
      .map((link) => link.getAttribute('href')!.replace(/^\/api/, ''));
    return { page, links };
  };

  it.each([
    ['idempotency key', '/docs/guides/errors-and-retries'],
    ['quiet hours', '/docs/guides/limits-and-pace'],
    ['send_at', '/docs/guides/send'],
    ['HOMING_PLANS_FILE', '/docs/settings'],
    ['recipient_suppressed', '/docs/guides/errors-and-retries'],
    ['opt-outs', '/docs/reference/texting-blue/list-opt-outs'],
    ['restor', '/docs/guides/operate'],
    ['webhok signature', '/docs/guides/receive'],
  ])('finds %s in %s without a script', async (words, path) => {
    const { links, page } = await find(words);
    expect(links.map((link) => link.replace(/#.*/, ''))).toContain(path);
    expect(only(page, 'meta[name=robots]', words).getAttribute('content')).toBe('noindex');
    expect(only(page, 'form.search input', words).getAttribute('value')).toBe(words);
  });

  it('links to sections that exist', async () => {
    for (const words of ['message', 'webhook', 'key', 'error', 'number', 'example']) {
      const { links } = await find(words);
      expect(links.length, words).toBeGreaterThan(3);
      for (const link of links) {
        const { pathname, hash } = new URL(link, PUBLIC);
        const page = pages.get(pathname.replace(/^\/api/, ''))!;
        if (hash !== '') expect(page.getElementById(hash.slice(1)), link).not.toBeNull();
      }
    }
  });

  it('shows the query as text, and limits its length', async () => {
    const { page, links } = await find('<script>alert(1)</script> zzzz');
    expect(links).toEqual([]);
    expect(page.querySelectorAll('script').length).toBe(1);
    expect((await find('')).links).toEqual([]);
    expect((await get(`/docs/search?q=${'x'.repeat(201)}`)).status).toBe(400);
    expect((await get('/docs/search?q=a&q=b')).status).toBe(400);
  });

  it('returns the same results as JSON', async () => {
    const { links } = await find('quiet hours');
    const { body } = await get('/docs/search.json?q=quiet%20hours');
    expect(body.results.map(({ path }: { path: string }) => path)).toEqual(
      links.map((link) => link.replace('/api', '')),
    );
    expect(body.results[0]).toEqual({
      ...{ path: expect.any(String), heading: expect.any(String), excerpt: expect.stringMatching(/quiet/i) },
      section: expect.any(String),
    });
  });
});

describe('the files for programs', () => {
  it('include a sitemap of every page, which robots.txt names', async () => {
    const { text, headers } = await get('/sitemap.xml');
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8');
    const listed = [...text.matchAll(/<loc>(.*?)<\/loc>/g)].map((match) => match[1]);
    expect(listed.toSorted()).toEqual(
      [...pages.keys(), '/docs/interactive'].map((path) => PUBLIC + path).toSorted(),
    );
    expect((await get('/robots.txt')).text).toContain(`\nSitemap: ${PUBLIC}/sitemap.xml\n`);
  });

  it('include llms.txt, whose links lead to Markdown', async () => {
    const { text } = await get('/llms.txt');
    expect(text).toMatch(/^# Homing\n\n> Homing turns/);
    const links = [...text.matchAll(/\]\((.*?)\)/g)].map((match) => match[1]!);
    expect(links.length).toBe(pages.size);
    const whole = (await get('/llms-full.txt')).text;
    for (const link of links) {
      const { status, text: markdown, headers } = await get(ownPath(link, '')!);
      expect([status, headers.get('content-type')], link).toEqual([200, 'text/markdown; charset=utf-8']);
      expect(headers.get('link'), link).toBe(`<${link.replace(/\.md$/, '')}>; rel="canonical"`);
      expect(markdown, link).toMatch(/^# .+\n\n/);
      for (const [, href = ''] of markdown.matchAll(/\[[^\]`]+\]\(([^)]+)\)/g)) {
        const inside = href.startsWith(PUBLIC) ? href.slice(PUBLIC.length) : undefined;
        expect(inside ?? href, link).toMatch(/^(\/|https:)/);
        if (inside?.endsWith('.md')) expect(links, link).toContain(href);
      }
      expect(whole, link).toContain(markdown);
    }
  });

  it('include a redirect from / to the documentation', async () => {
    const answer = await fetch(homing.url, { redirect: 'manual' });
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/api/docs']);
  });
});
