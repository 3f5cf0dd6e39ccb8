/** Tests the overview in a real browser: the first run step by step, and an account with results and problems. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, PHONE, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { pairDevice } from '../../support/http-client.ts';
import { hello, openSocket, reportOf } from '../../support/raw-device.ts';
import { startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const OWN_NUMBER = '+14155550100';
const ECHO = '+15005550014';
const NOT_ON_IMESSAGE = '+15005550020';

let homing: HomingProcess;
let browser: Browser;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' }), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const step = (page: Page, name: string) =>
  page.getByRole('region', { name: 'First steps' }).getByRole('listitem').filter({ hasText: name });

/** Number of loaded files of the plots, which are large and in a separate file. */
const loadedPlots = (page: Page) =>
  page.evaluate(
    "performance.getEntriesByType('resource').filter(({ name }) => /plots-.*[.]js$/.test(name)).length",
  );

async function createAccount(account: string): Promise<DashboardClient> {
  const created = await homing.cli('accounts', 'create', account);
  expect(created.status, created.stderr).toBe(0);
  return signIn(homing, { account });
}

describe('the first run', () => {
  it('starts at the overview and leads from pairing to a webhook, then the inbox is the start', async () => {
    const account = 'first-run';
    const owner = await createAccount(account);
    const opened = await openDashboard(browser, homing, owner);
    const { page } = opened;
    await page.getByRole('heading', { name: 'Overview', level: 1 }).waitFor();
    await page.getByText('0 of 4 done').waitFor();
    await page.getByText('No device is paired, so nothing can be sent.').waitFor();

    await step(page, 'Pair a device').getByRole('link').click();
    await page.getByRole('dialog', { name: 'Pair a device' }).waitFor();
    await page.keyboard.press('Escape');
    const { token } = await pairDevice(homing, OWN_NUMBER, { account });
    const device = await openSocket(homing.url, token);
    device.say(hello());
    await device.next('welcome');
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await step(page, 'Pair a device').getByText('Done').waitFor();

    await page.getByRole('button', { name: 'Send test message' }).click();
    await page.getByLabel('Your phone number').fill('+1 415 555 0123');
    await page.keyboard.press('Enter');
    const { items } = await device.next('deliver');
    device.say(reportOf(1, items[0], 'delivered'));
    await page.getByRole('dialog').getByText('Delivered').waitFor();
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await step(page, 'Send a test message').getByText('Done').waitFor();

    await step(page, 'Create an API key').getByRole('link').click();
    await page.getByLabel('Label').fill('Shop');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByText('3 of 4 done').waitFor();
    await step(page, 'Add a webhook').getByRole('link').click();
    await page.getByLabel('URL').fill('http://127.0.0.1:9/hook');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByText('Everything works.').waitFor();
    await page.getByRole('heading', { name: 'First steps' }).waitFor({ state: 'detached' });

    await page.goto(`${homing.url}/dashboard/`);
    await page.getByRole('textbox', { name: 'Search conversations' }).waitFor();
    device.terminate();
    await page.getByRole('link', { name: 'Overview', exact: true }).click();
    await page.getByText('No device is online: messages wait.').waitFor();
    opened.expectNoProblems();
    await opened.context.close();
  });

  it('on a phone in the sandbox, the test message goes to a number that answers', async () => {
    const owner = await createAccount('first-run-phone');
    const opened = await openDashboard(browser, homing, owner, { viewport: PHONE, path: '/test/' });
    const { page } = opened;
    await page.getByText('1 of 4 done').waitFor();
    await page.getByRole('button', { name: 'Send test message' }).click();
    expect(await page.getByLabel('To').inputValue()).toBe(ECHO);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('dialog').getByText('Delivered').waitFor();
    await page.getByRole('link', { name: 'Show its timeline' }).click();
    await page.getByRole('heading', { name: 'To +1 500 555 0014', level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/dashboard\/test\/messages\/msg_/);
    opened.expectNoProblems();
    await opened.context.close();
  });

  it('is for owners: a member starts at the inbox', async () => {
    const member = await signIn(homing, { role: 'member' });
    const { page, context } = await openDashboard(browser, homing, member);
    await page.getByRole('textbox', { name: 'Search conversations' }).waitFor();
    await page.goto(`${homing.url}/dashboard/overview`);
    await page.getByText('No messages in this period.').waitFor();
    expect(await loadedPlots(page)).toBe(0);
    expect(await page.getByText('First steps').count()).toBe(0);
    await context.close();
  });
});

describe('an account with messages', () => {
  let owner: DashboardClient;
  beforeAll(async () => {
    owner = await createAccount('busy');
    const receiver = await startReceiver();
    receiver.respondWith((response) => void response.writeHead(410).end());
    await owner.post('/test/webhooks', { url: receiver.url, events: ['message.delivered'] });
    for (const [index, to] of [ECHO, ECHO, NOT_ON_IMESSAGE].entries()) {
      await owner.post('/test/messages', { to, content: 'Hello', idempotencyKey: `message-${index}` });
    }
    await until('the results', async () => {
      const { totals, webhooks } = (await owner.get('/test/overview')).body;
      return totals.delivered === 2 && totals.failed === 1 && totals.received === 2 && webhooks.length === 1;
    });
    await receiver.close();
  });

  it.each([DESKTOP, PHONE])(
    'shows numbers, plots with their tables, reasons and webhooks at $width px',
    async (viewport) => {
      const opened = await openDashboard(browser, homing, owner, { viewport, path: '/test/overview' });
      const { page } = opened;
      const figure = (name: string) => page.locator('dl > div').filter({ hasText: name });
      await until('the numbers', async () =>
        /^Delivered2/.test((await figure('Delivered').textContent()) ?? ''),
      );
      expect(await figure('Failed').textContent()).toBe('Failed1');
      await page.getByText('1 webhook with a problem.').waitFor();

      const plot = page.getByRole('figure').filter({ hasText: 'Sent, delivered and failed' });
      await plot.locator('svg path.recharts-line-curve').first().waitFor({ state: 'attached' });
      expect(await loadedPlots(page)).toBe(1);
      await plot.getByText('Show as a table').click();
      const values = plot.getByRole('table', { name: 'Sent, delivered and failed' });
      expect(await values.getByRole('row').count()).toBe(25);
      const cells = await values.getByRole('cell').allTextContents();
      const sums = [0, 1, 2].map((column) =>
        cells.reduce((sum, text, index) => sum + (index % 3 === column ? Number(text) : 0), 0),
      );
      expect(sums).toEqual([2, 2, 1]);
      const plotted = page.getByRole('figure').filter({ hasText: 'Estimated within 19 %' });
      await plotted.getByText('Show as a table').waitFor();

      await page.getByText('30 days').click();
      await page.waitForURL(/\?range=30d$/);
      await until('a table of 30 days', async () => (await values.getByRole('row').count()) === 31);
      await page.reload();
      await page.getByText('Messages each 24 hours.').waitFor();
      await page.getByText('Show failed messages').click();
      await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
      expect(new URL(page.url()).search).toBe('?status=failed&days=30');
      await page.getByRole('link', { name: /^To \+1 500 555 0020/ }).waitFor();
      await page.goBack();
      await page.getByRole('link', { name: /\/hook$/ }).click();
      await page
        .getByText(/^The broker disabled the webhook|not delivered/)
        .first()
        .waitFor();
      opened.expectNoProblems();
      await opened.context.close();
    },
  );

  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    for (const path of ['/test/overview', '/overview']) {
      const { page, context } = await openDashboard(browser, homing, owner, { colorScheme, path });
      await page
        .getByText(/^(Sent, delivered and failed|No messages in this period.)$/)
        .first()
        .waitFor();
      for (const table of await page.getByText('Show as a table').all()) await table.click();
      await expectAccessible(page, `${path} in ${colorScheme}`);
      await context.close();
    }
  });

  it('cuts nothing at 320 px', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      viewport: SMALL_PHONE,
      path: '/test/overview',
    });
    await page.getByRole('figure').first().waitFor();
    const width = 'document.getElementById("content").scrollWidth';
    expect(await page.evaluate(width)).toBe(SMALL_PHONE.width);
    await context.close();
  });
});
