/** Tests the documentation in a real browser: without JavaScript on a phone, and the interactive reference with it. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { documentedOperations } from '../../support/documented-operations.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { until } from '../../support/until.ts';

let homing: HomingProcess;
let browser: Browser;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

async function open(path: string, width: number): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: 780 }, javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(homing.url + path);
  return page;
}

describe('the documentation without JavaScript', () => {
  it.each([
    '/docs',
    '/docs/guides/receive',
    '/docs/reference/textus/create-integration',
    '/docs/reference/inkbox',
    '/docs/settings',
    '/docs/nothing',
  ])('shows %s without horizontal scrolling from 360 px width', async (path) => {
    const page = await open(path, 360);
    for (const width of [360, 500, 800, 1100, 1440]) {
      await page.setViewportSize({ width, height: 780 });
      expect(await page.evaluate('document.documentElement.scrollWidth'), `${width} px`).toBe(width);
    }
    await page.context().close();
  });

  it('lets the reader follow the links of a guide, also by keyboard', async () => {
    const page = await open('/docs/guides/quickstart', 360);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the text' });
    expect((await skip.boundingBox())!.y).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(page.url()).toMatch(/#content$/);

    await page.getByRole('link', { name: 'Menu' }).click();
    await page
      .getByRole('navigation', { name: 'All pages' })
      .getByRole('link', { name: 'Texting Blue', exact: true })
      .click();
    await page.getByRole('main').getByRole('link', { name: 'Send a message', exact: true }).click();
    expect(new URL(page.url()).pathname).toBe('/docs/reference/texting-blue/send-message');
    expect(
      await page.getByRole('cell', { name: 'The recipient: a phone number in E.164 format' }).isVisible(),
    ).toBe(true);
    await page
      .getByRole('navigation', { name: 'On this page' })
      .getByRole('link', { name: 'Samples' })
      .click();
    expect(await page.getByRole('heading', { name: 'Elixir' }).isVisible()).toBe(true);
    await page.context().close();
  });
});

it('the search field leads to a page of results without JavaScript', async () => {
  const page = await open('/docs/guides/quickstart', 390);
  await page.getByRole('searchbox', { name: 'Search the documentation' }).fill('quiet hours');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${homing.url}/docs/search?q=quiet+hours`);
  await page.getByRole('main').getByRole('link', { name: 'Set limits and pace', exact: true }).click();
  expect(new URL(page.url()).pathname).toBe('/docs/guides/limits-and-pace');
  await page.context().close();
});

describe('the documentation with JavaScript', () => {
  async function openWithScript(path: string, width = 1100): Promise<Page> {
    const context = await browser.newContext({
      viewport: { width, height: 780 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    const page = await context.newPage();
    page.on('console', (message) => {
      if (message.type() === 'error') throw new Error(message.text());
    });
    await page.goto(homing.url + path);
    return page;
  }

  it('opens a page from the search field by keyboard only', async () => {
    const page = await openWithScript('/docs');
    await page.keyboard.press('/');
    await page.keyboard.type('cancel');
    const options = page.getByRole('option');
    await options.first().waitFor();
    expect(await options.count()).toBeGreaterThan(2);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    const href = await options.first().getByRole('link').getAttribute('href');
    expect(await options.first().getAttribute('aria-selected')).toBe('true');
    await page.keyboard.press('Enter');
    await page.waitForURL(homing.url + href);

    await page.keyboard.press('/');
    await page.keyboard.type('quiet hours');
    await options.first().waitFor();
    await page.keyboard.press('Escape');
    await options.first().waitFor({ state: 'hidden' });
    await page.keyboard.press('Enter');
    await page.waitForURL(`${homing.url}/docs/search?q=quiet+hours`);
    expect(await page.getByRole('status').textContent()).toMatch(/^\d+ results for “quiet hours”\.$/);
    await page.context().close();
  });

  it('copies code, and remembers the chosen language on other pages', async () => {
    const page = await openWithScript('/docs/reference/texting-blue/send-message');
    const tabs = page.getByRole('tablist', { name: 'Language' });
    await tabs.getByRole('tab', { name: 'curl' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    const panel = page.getByRole('tabpanel');
    expect(await panel.count()).toBe(1);
    expect(await panel.textContent()).toContain('import ');
    await panel.getByRole('button', { name: 'Copy the code' }).click();
    await page.getByText('Copied').waitFor();
    const copied = await page.evaluate('navigator.clipboard.readText()');
    expect(`${copied}\n`).toBe(await panel.locator('pre').textContent());

    await page.getByRole('link', { name: /^Next / }).click();
    await page.waitForURL('**/list-messages');
    expect(await tabs.getByRole('tab', { selected: true }).textContent()).toBe('Python');
    await page.goto(`${homing.url}/docs/reference/texting-blue/list-messages#php`);
    expect(await tabs.getByRole('tab', { selected: true }).textContent()).toBe('PHP');
    await page.context().close();
  });

  it.each(['/docs/search?q=key', '/docs/reference/textus/create-integration', '/docs/guides/deploy'])(
    'shows %s without horizontal scrolling from 360 px width',
    async (path) => {
      const page = await openWithScript(path, 360);
      for (const width of [360, 390, 800, 1440]) {
        await page.setViewportSize({ width, height: 780 });
        expect(await page.evaluate('document.documentElement.scrollWidth'), `${width} px`).toBe(width);
      }
      await page.context().close();
    },
  );
});

describe('the interactive reference', () => {
  it('shows every operation, sends a request, and contacts no host except the broker', async () => {
    const context = await browser.newContext({ viewport: { width: 1300, height: 900 } });
    const page = await context.newPage();
    const requested: string[] = [];
    const problems: string[] = [];
    page.on('request', (request) => void requested.push(request.url()));
    page.on('pageerror', (error) => void problems.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && problems.push(message.text())));
    await page.goto(`${homing.url}/docs/interactive`);

    const { operations } = await documentedOperations(homing.url);
    const groups = page.getByText(/^Open Group/);
    await groups.first().waitFor({ state: 'attached' });
    for (let left = await groups.count(); left > 0; left--) await groups.first().click();
    await until('every operation', async () => {
      const text = (await page.locator('body').textContent()) ?? '';
      return operations.every(({ summary }) => text.includes(summary));
    });
    await page.getByText('Check that the process runs').first().click();
    await page.getByRole('button', { name: /Test Request.*healthz/ }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Send get request/ })
      .click();
    await page.getByRole('dialog').getByText('"ok"').waitFor();

    expect(problems).toEqual([]);
    const origins = requested.filter((url) => /^https?:/.test(url)).map((url) => new URL(url).origin);
    expect([...new Set(origins)]).toEqual([homing.url]);
    expect(requested).toContain(`${homing.url}/healthz`);
    await context.close();
  });
});
