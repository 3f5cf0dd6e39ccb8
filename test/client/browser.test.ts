/** Runs the built client in a real browser, on a page of the broker's origin. */
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type * as Client from '../../client/src/index.ts';
import { openBrowser } from '../support/browser.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';

/** The dependencies of the package, and the file of each one that the browser loads. */
const LIBRARIES: Record<string, string> = {
  'openapi-fetch': 'node_modules/openapi-fetch/dist/index.mjs',
  'eventsource-parser': 'node_modules/eventsource-parser/dist/index.js',
};
const IMPORT_MAP = JSON.stringify({
  imports: Object.fromEntries(Object.keys(LIBRARIES).map((name) => [name, `/page/${name}.mjs`])),
});

const PAGE = `<!doctype html>
<script type="importmap">${IMPORT_MAP}</script>
<script type="module">
  window.client = await import('/page/index.js');
</script>`;

let homing: HomingProcess;
let browser: Browser;
beforeAll(async () => {
  homing = await startHoming();
  browser = await openBrowser();
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

it('the client in a browser sends, waits, lists, reports an error and verifies a webhook', async () => {
  const page = await browser.newPage();
  const pageErrors: Error[] = [];
  page.on('pageerror', (error) => pageErrors.push(error));
  await page.route(`${homing.url}/page/**`, (route) => {
    const name = basename(new URL(route.request().url()).pathname);
    if (name === 'page') return route.fulfill({ contentType: 'text/html', body: PAGE });
    const file = LIBRARIES[basename(name, '.mjs')] ?? `client/dist/${name}`;
    return route.fulfill({ contentType: 'text/javascript', body: readFileSync(file, 'utf8') });
  });
  await page.goto(`${homing.url}/page/`);
  await page.waitForFunction('window.client !== undefined');

  const secret = 'whsec_c2VjcmV0';
  const event = JSON.stringify({ id: 'evt_1', timestamp: new Date().toISOString() });
  const signature = `sha256=${createHmac('sha256', secret).update(event).digest('hex')}`;
  const args = { url: homing.url, key: homing.testKey, secret, event, signature };
  const seen = await page.evaluate(async ({ url, key, secret, event, signature }) => {
    const { createHoming, HomingApiError } = (globalThis as unknown as { client: typeof Client }).client;
    const client = createHoming({ url, key });
    const sent = await client.messages.send({ to: '+15005550010', content: 'from a page' });
    const { status } = await client.messages.waitUntil(sent.id, 'delivered');
    const listed: string[] = [];
    for await (const { content } of client.messages.all({ limit: 1 })) listed.push(content);
    const error = await client.messages.send({ to: 'invalid', content: 'Hi' }).catch((reason) => reason);
    const headers = { 'x-textingblue-signature': signature };
    const { id } = await client.webhooks.verify(event, headers, secret);
    return { status, listed, isKnown: error instanceof HomingApiError, param: error.param, id };
  }, args);
  expect(pageErrors).toEqual([]);
  expect(seen).toEqual({
    status: 'delivered',
    listed: ['from a page'],
    isKnown: true,
    param: 'to',
    id: 'evt_1',
  });
});
