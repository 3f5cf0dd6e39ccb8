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
    await page.getByRole('main').getByRole('link', { name: 'Send a message' }).click();
    expect(new URL(page.url()).pathname).toBe('/docs/reference/texting-blue/send-message');
    expect(await page.getByRole('cell', { name: 'The recipient, in E.164 format.' }).isVisible()).toBe(true);
    await page
      .getByRole('navigation', { name: 'On this page' })
      .getByRole('link', { name: 'Samples' })
      .click();
    expect(await page.getByRole('heading', { name: 'Elixir' }).isVisible()).toBe(true);
    await page.context().close();
  });
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
