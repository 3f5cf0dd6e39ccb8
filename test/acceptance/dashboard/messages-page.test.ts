/** Tests the messages in a real browser: filters, export, timelines, scheduled messages. */
import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import {
  DESKTOP,
  expectNothingCut,
  openDashboard,
  PHONE,
  SMALL_PHONE,
} from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { type Receiver, startReceiver } from '../../support/receiver.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';
const FAILING = '+15005550020';
const OWN_NUMBER = '+14155550100';
const HOUR = 3_600_000;

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;
let receiver: Receiver;
const ids = { delivered: '', failed: '', waiting: '' };
let keys = 0;

async function send(environment: 'live' | 'test', to: string, content: string, more = {}): Promise<string> {
  keys += 1;
  const body = { to, content, idempotencyKey: `messages-page-${keys}`, ...more };
  const response = await owner.post(`/${environment}/messages`, body);
  expect(response.status, response.text).toBe(201);
  return response.body.id;
}

const untilStatus = (id: string, status: string) =>
  until(`${id} to be ${status}`, async () => {
    const { body } = await owner.get(`/test/messages/${id}`);
    return body.message.status === status;
  });

beforeAll(async () => {
  [homing, browser, receiver] = await Promise.all([
    startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' }),
    openBrowser(),
    startReceiver(),
  ]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  receiver.respondWith((response) => void response.writeHead(200).end('received by the shop'));
  await owner.post('/test/webhooks', { url: receiver.url, events: ['message.delivered'] });
  line = await pairedInbox(homing, OWN_NUMBER);
  ids.delivered = await send('test', ECHO, 'Delivered with a webhook');
  ids.failed = await send('test', FAILING, 'Never arrives');
  await untilStatus(ids.delivered, 'delivered');
  await untilStatus(ids.failed, 'failed');
  await until('the request to the webhook', async () => receiver.received.length > 0);
  line.socket.say({ type: 'credit', n: 1 });
  const { numbers } = (await owner.get('/live/numbers')).body;
  await owner.patch(`/live/numbers/${numbers[0].id}`, { pace: { messagesPerDay: 1 } });
  await send('live', '+14155550150', 'The first of the day');
  await line.socket.next('deliver');
  ids.waiting = await send('live', '+14155550151', 'The second of the day');
});
afterAll(async () => {
  await browser?.close();
  await receiver?.close();
  await homing?.dispose();
});

const rows = (page: Page) =>
  page.locator('table[aria-label="Messages"] tbody tr, ul[aria-label="Messages"] > li');
const row = (page: Page, text: string) => rows(page).filter({ hasText: text });
const timeline = (page: Page) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'Timeline' }) });

async function choose(page: Page, filter: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: filter, exact: true }).click();
  await page.getByRole('option', { name: option, exact: true }).click();
}

async function untilOnly(page: Page, text: string): Promise<void> {
  await row(page, text).first().waitFor();
  await until(
    `only rows with ${text}`,
    async () => (await rows(page).count()) === (await row(page, text).count()),
  );
}

describe('the filters', () => {
  it('are a part of the address: a link and the back button restore them', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/test/messages',
    });
    await row(page, 'Delivered with a webhook').first().waitFor();
    await choose(page, 'Status', 'Failed');
    await untilOnly(page, 'Never arrives');
    await page.getByRole('textbox', { name: 'Search texts' }).fill('never');
    await until('the search in the address', () => page.url().includes('search=never'));
    const link = page.url();
    expect(link).toContain('status=failed');
    await row(page, 'Never arrives').getByRole('link').click();
    await timeline(page).getByText('Accepted').waitFor();
    await page.goBack();
    await untilOnly(page, 'Never arrives');
    expect(page.url()).toBe(link);
    await row(page, 'Never arrives').getByRole('link').click();
    await page.getByRole('link', { name: 'All messages' }).click();
    await untilOnly(page, 'Never arrives');
    expect(page.url()).toBe(link);

    const other = await context.newPage();
    await other.goto(link);
    await untilOnly(other, 'Never arrives');
    expect(await other.getByRole('textbox', { name: 'Search texts' }).inputValue()).toBe('never');
    expect(await other.getByRole('combobox', { name: 'Status' }).inputValue()).toBe('Failed');
    expectNoProblems();
    await context.close();
  });

  it('are removed by the link of the navigation, and restored by the back button', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: '/test/messages?status=failed&search=never',
    });
    await untilOnly(page, 'Never arrives');
    await page.getByRole('link', { name: 'Messages', exact: true }).click();
    await row(page, 'Delivered with a webhook').first().waitFor();
    const search = page.getByRole('textbox', { name: 'Search texts' });
    expect(await search.inputValue()).toBe('');
    expect(page.url()).not.toContain('search');
    await page.goBack();
    await untilOnly(page, 'Never arrives');
    expect(await search.inputValue()).toBe('never');
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await row(page, 'Delivered with a webhook').first().waitFor();
    expect(await search.inputValue()).toBe('');
    await context.close();
  });

  it('undo one choice with the back button', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/test/messages' });
    await row(page, 'Delivered with a webhook').first().waitFor();
    await choose(page, 'Direction', 'Received');
    await untilOnly(page, 'echo:');
    await choose(page, 'Period', 'Last 7 days');
    await page.goBack();
    await page.goBack();
    await row(page, 'Never arrives').first().waitFor();
    expect(page.url()).not.toContain('direction');
    await context.close();
  });

  it('say that nothing matches', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: '/test/messages?search=nosuchword',
    });
    await page.getByText('No message matches').waitFor();
    await context.close();
  });
});

describe('the timeline', () => {
  it('of a delivered message shows its steps and the request to the webhook with its response', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: `/test/messages/${ids.delivered}`,
    });
    await page.getByRole('heading', { name: 'To +1 500 555 0014', level: 1 }).waitFor();
    for (const step of ['Accepted', /^Dispatched/, /^Sent/, 'Delivered'])
      await timeline(page).getByText(step).first().waitFor();
    await page.getByRole('button', { name: /message\.delivered/ }).click();
    await page.getByText('Status 200').waitFor();
    await page
      .getByRole('region', { name: 'Response', exact: true })
      .getByText('received by the shop')
      .waitFor();
    const request = page.getByRole('region', { name: 'Request', exact: true });
    expect(await request.textContent()).toContain(`POST ${receiver.url}`);
    expect(await request.textContent()).toContain(ids.delivered);
    expect(await request.textContent()).toContain('webhook-signature: …');
    expectNoProblems();
    await context.close();
  });

  it('of a failed message says why, and sends it again as a new message', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: `/test/messages/${ids.failed}`,
    });
    const { message } = (await owner.get(`/test/messages/${ids.failed}`)).body;
    await timeline(page).getByText('Failed').waitFor();
    await timeline(page).getByText(message.error.message).waitFor();
    await page.getByText('No webhook received an event of this message.').waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText('The message is queued again, as a new message.').waitFor();
    await until('the address of the new message', () => !page.url().includes(ids.failed));
    await timeline(page).getByText('Failed').waitFor();
    const { messages } = (await owner.get('/test/messages?status=failed')).body;
    expect(messages).toHaveLength(2);
    await context.close();
  });

  it('of a waiting message says why and until when, and changes while it is open', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: `/messages/${ids.waiting}`,
    });
    const { timeline: entries } = (await owner.get(`/live/messages/${ids.waiting}`)).body;
    const { wait } = entries.find(({ kind }: { kind: string }) => kind === 'waiting');
    expect(wait.until).toBeGreaterThan(Date.now() + 20 * HOUR);
    await timeline(page).getByText('Waiting').waitFor();
    await timeline(page).getByText(wait.message).waitFor();
    await timeline(page)
      .getByText(/Until .*\d{2}:\d{2}:\d{2}/)
      .waitFor();
    await page.getByRole('button', { name: 'Cancel message' }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Send again' }).waitFor();
    expect(await page.getByRole('button', { name: 'Cancel message' }).count()).toBe(0);
    await context.close();
  });

  it('of an unknown message says that it does not exist', async () => {
    for (const id of ['msg_01k0000000000000000000000', 'nonsense']) {
      const { page, context } = await openDashboard(browser, homing, owner, { path: `/messages/${id}` });
      await page.getByText('This message does not exist').waitFor();
      await page.getByRole('link', { name: 'Show all messages' }).click();
      await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
      await context.close();
    }
  });
});

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
])('a scheduled message on %s', (_name, viewport) => {
  it('is written in the composer, listed with its time, cancelled and sent again', async () => {
    const text = `Scheduled at ${viewport.width} px`;
    const opened = await openDashboard(browser, homing, owner, { viewport, path: '/test/inbox/new' });
    const { page } = opened;
    await page.getByRole('combobox', { name: 'To' }).fill(ECHO);
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill(text);
    await page.getByRole('button', { name: 'Send later' }).click();
    await page.getByRole('menuitem', { name: 'Choose a time…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Send later' });
    const past = localTime(Date.now() - HOUR);
    await dialog.getByLabel('Time').fill(past);
    await dialog.getByText('Choose a time in the future.').waitFor();
    expect(await dialog.getByRole('button', { name: 'Set time' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Time').fill(localTime(Date.now() + 48 * HOUR));
    await dialog.getByRole('button', { name: 'Set time' }).click();
    await page.getByText(/^Will be sent at /).waitFor();
    await page.getByRole('button', { name: 'Schedule', exact: true }).click();
    await page
      .getByRole('log', { name: 'Messages' })
      .getByText(/^Scheduled for /)
      .last()
      .waitFor();

    await page.goto(`${homing.url}/dashboard/test/messages`);
    await page.getByText('Scheduled', { exact: true }).first().click();
    await row(page, text).getByText('Scheduled', { exact: true }).waitFor();
    const { messages } = (await owner.get('/test/messages?scheduled=true')).body;
    const scheduled = messages.find(({ content }: { content: string }) => content === text);
    expect(await row(page, text).locator('time').getAttribute('datetime')).toBe(
      new Date(scheduled.sendAt).toISOString(),
    );
    await row(page, text).getByRole('link').click();
    await page.getByText('Scheduled for', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Cancel message' }).click();
    await page.getByText('Cancelled', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'All messages' }).click();
    await page.getByText('No scheduled messages').waitFor();
    await page.goBack();
    await page.getByRole('button', { name: 'Send again' }).click();
    await timeline(page).getByText('Delivered').waitFor();
    opened.expectNoProblems();
    await opened.context.close();
  });
});

/** In the time zone of the page. */
function localTime(at: number): string {
  return new Intl.DateTimeFormat('sv-SE', {
    ...({ dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Berlin' } as const),
  })
    .format(at)
    .replace(' ', 'T');
}

describe('the export', () => {
  it('has the rows of the filters as CSV', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: '/test/messages?status=delivered&search=webhook',
    });
    await untilOnly(page, 'Delivered with a webhook');
    await page.getByRole('button', { name: 'Export' }).click();
    const downloading = page.waitForEvent('download');
    await page.getByRole('menuitem', { name: 'CSV of these messages' }).click();
    const download = await downloading;
    expect(download.suggestedFilename()).toMatch(/^messages-\d{4}-\d\d-\d\d\.csv$/);
    const lines = parse(await readFile(await download.path()), { columns: true }) as Record<string, string>[];
    expect(lines).toEqual([
      expect.objectContaining({
        ...{ id: ids.delivered, recipient: ECHO, status: 'delivered', content: 'Delivered with a webhook' },
      }),
    ]);
    await context.close();
  });
});

describe('a viewer', () => {
  it('reads the timelines and has no buttons to send or cancel', async () => {
    const viewer = await signIn(homing, { role: 'viewer' });
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, viewer, {
      path: `/test/messages/${ids.failed}`,
    });
    await timeline(page).getByText('Failed').waitFor();
    expect(await page.getByRole('button', { name: 'Send again' }).count()).toBe(0);
    await page.getByRole('link', { name: 'All messages' }).click();
    await row(page, 'Delivered with a webhook').first().waitFor();
    expectNoProblems();
    await context.close();
  });
});

describe('the layout', () => {
  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      colorScheme,
      path: '/test/messages',
    });
    await row(page, 'Delivered with a webhook').first().waitFor();
    await expectAccessible(page, `messages in ${colorScheme}`);
    await page.goto(`${homing.url}/dashboard/test/messages/${ids.delivered}`);
    await page.getByRole('button', { name: /message\.delivered/ }).click();
    await page.getByRole('region', { name: 'Request', exact: true }).waitFor();
    await expectAccessible(page, `timeline in ${colorScheme}`);
    await context.close();
  });

  it.each([PHONE, SMALL_PHONE])('cuts nothing at $width px', async (viewport) => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      viewport,
      path: '/test/messages?status=failed',
    });
    await row(page, 'Never arrives').first().waitFor();
    await expectNothingCut(page);
    await expectAccessible(page, `messages at ${viewport.width} px`);
    await page.goto(`${homing.url}/dashboard/test/messages/${ids.delivered}`);
    await page.getByRole('button', { name: /message\.delivered/ }).click();
    await page.getByRole('region', { name: 'Request', exact: true }).waitFor();
    await expectNothingCut(page);
    await expectAccessible(page, `timeline at ${viewport.width} px`);
    await context.close();
  });
});
