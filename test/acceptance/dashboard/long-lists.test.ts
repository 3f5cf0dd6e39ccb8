/** Tests the inbox in a real browser with 10,000 conversations, and with one conversation of 10,000 messages. */
import type { Browser, Page, Route } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import type { Message } from '../../../broker/core/model/message.ts';
import { createIdSource } from '../../../shared/ids.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { openDashboard } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { besideBroker } from '../../support/http-client.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { queuedMessage } from '../../support/message.ts';
import { reportOf } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const OWN_NUMBER = '+14155550100';
const COUNT = 10_000;
const ROWS_MAX = 60;
const BATCH = 1_000;
const LONG = '+14155559999';
const MINUTE = 60_000;

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;

/** Writes messages beside the broker: one of each of `COUNT` contacts, and `COUNT` of one contact after them. */
function writeHistory(): Promise<void> {
  return besideBroker(homing, async (store) => {
    const tenant = await findTenant(store.read, 'default', 'live');
    const number = await store.read.numbers.findByPhone(tenant.id, OWN_NUMBER);
    let at = Date.now() - 3 * COUNT * MINUTE;
    const ids = createIdSource(() => at);
    const write = (changes: ReadonlyArray<Partial<Message>>) =>
      store.transaction(async (tx) => {
        for (const change of changes) {
          at += MINUTE;
          const message = queuedMessage({
            ...{ id: ids(), tenantId: tenant.id, numberId: number!.id, ownNumber: OWN_NUMBER },
            ...{ createdAt: at, expiresAt: at + MINUTE, service: 'imessage' },
            ...change,
          });
          await tx.messages.insert(message, { at, kind: 'accepted', status: message.status, detail: null });
        }
      });
    const inbound = { direction: 'inbound', status: 'received' } as const;
    const outbound = { direction: 'outbound', status: 'delivered' } as const;
    for (let start = 0; start < COUNT; start += BATCH) {
      await write(
        Array.from({ length: BATCH }, (_, index) => ({
          ...inbound,
          handle: `+1646${String(2_000_000 + start + index)}`,
          content: `Question ${start + index}`,
        })),
      );
    }
    for (let start = 0; start < COUNT; start += BATCH) {
      await write(
        Array.from({ length: BATCH }, (_, index) => ({
          ...((start + index) % 3 === 0 ? outbound : inbound),
          handle: LONG,
          content: `Line ${start + index}. ${'A text of some length. '.repeat((start + index) % 7)}`,
        })),
      );
    }
  });
}

beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, OWN_NUMBER);
  await writeHistory();
  await until(
    'all messages to be in the inbox',
    async () => {
      const { body } = await owner.get('/live/conversations?limit=1');
      return body.conversations[0]?.totalCount === COUNT;
    },
    60_000,
  );
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const bubbles = (page: Page) => log(page).locator('[data-index]');

const lastLine = (page: Page) => log(page).getByText(`Line ${COUNT - 1}.`);

async function openLongConversation(page: Page): Promise<void> {
  await page.locator('a').filter({ hasText: '+1 415 555 9999' }).first().click();
  await log(page)
    .getByText(`Line ${COUNT - 1}.`)
    .waitFor();
}

interface Place {
  text: string;
  top: number;
}

/** Returns the first bubble that is completely visible, with its distance from the top of the list. */
function firstVisible(page: Page): Promise<Place> {
  return log(page).evaluate((element) => {
    // biome-ignore lint/suspicious/noExplicitAny: runs in the page, whose types are not those of this program
    const list = element as any;
    const { top } = list.getBoundingClientRect();
    for (const row of list.querySelectorAll('[data-index]')) {
      const place = row.getBoundingClientRect().top - top;
      if (place >= 0 && /^Line|^\d/.test(row.textContent))
        return { text: row.textContent.slice(0, 12), top: place };
    }
    throw new Error('Nothing is visible.');
  });
}

async function topOf(page: Page, { text }: Place): Promise<number | undefined> {
  const box = await bubbles(page).filter({ hasText: text }).first().boundingBox();
  const frame = await log(page).boundingBox();
  return box === null || frame === null ? undefined : box.y - frame.y;
}

function scrollToTop(element: unknown): void {
  (element as { scrollTop: number }).scrollTop = 0;
}

const scrollTop = (page: Page) =>
  log(page).evaluate((element) => (element as unknown as { scrollTop: number }).scrollTop);

describe('10,000 conversations', () => {
  it('scroll to the end with few rows in the page, and a new message then loads no page again', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/inbox',
    });
    const list = page.getByRole('region', { name: 'Conversations', exact: true });
    const rows = list.locator('li');
    await rows.first().waitFor();
    const scroller = list.locator('div:has(> ul)');
    let rowsMax = 0;
    await until(
      'the end of the list',
      async () => {
        await scroller.evaluate((element) => {
          const { scrollHeight } = element as unknown as { scrollHeight: number };
          (element as unknown as { scrollTop: number }).scrollTop = scrollHeight;
        });
        rowsMax = Math.max(rowsMax, await rows.count());
        return (await rows.filter({ hasText: /Question 0$/ }).count()) === 1;
      },
      120_000,
    );
    expect(rowsMax).toBeLessThanOrEqual(ROWS_MAX);
    let requests = 0;
    page.on('request', (request) => {
      if (/\/conversations\?/.test(request.url())) requests += 1;
    });
    await line.receive({ from: '+14155550171', text: 'New while the list is at its end' });
    await list.getByRole('button', { name: '1 new' }).waitFor();
    expect(requests).toBeLessThanOrEqual(4);
    expect(await rows.filter({ hasText: /Question 0$/ }).count()).toBe(1);
    await list.getByRole('button', { name: '1 new' }).click();
    await list.getByText('New while the list is at its end').waitFor();
    expectNoProblems();
    await context.close();
  });
});

describe('a conversation of 10,000 messages', () => {
  it('opens at its end, and stays in place while older pages arrive above', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/inbox',
    });
    const opened: string[] = [];
    page.on('request', (request) => {
      if (/\/conversations\/\w+\/messages\?/.test(request.url())) opened.push(request.url());
    });
    await openLongConversation(page);
    expect(await bubbles(page).count()).toBeLessThanOrEqual(ROWS_MAX);
    expect(opened.filter((url) => url.includes('before='))).toEqual([]);
    // An older page is held back until the list stands still.
    const held: Route[] = [];
    await page.route(/\/messages\?.*before=/, (route) => void held.push(route));
    for (let pages = 0; pages < 4; pages += 1) {
      await log(page).hover();
      await until('a request for an older page', async () => {
        // The last two from the very top: the list has no space above the first message then.
        if (pages < 2) await page.mouse.wheel(0, -400);
        else await log(page).evaluate(scrollToTop);
        return held.length > 0;
      });
      const before = await until('the list to stand still', async () => {
        const first = await scrollTop(page);
        await page.evaluate(
          'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))',
        );
        return first === (await scrollTop(page)) && (await firstVisible(page));
      });
      // Two scroll events at once do not cancel the first request.
      expect(held).toHaveLength(1);
      const oldTop = await scrollTop(page);
      await held.shift()?.continue();
      await until('the older page', async () => (await scrollTop(page)) > oldTop + 500);
      expect(Math.abs((await topOf(page, before))! - before.top)).toBeLessThanOrEqual(2);
      expect(await bubbles(page).count()).toBeLessThanOrEqual(ROWS_MAX);
    }
    await page.unrouteAll({ behavior: 'ignoreErrors' });
    await page.getByRole('button', { name: 'Latest' }).click();
    await log(page)
      .getByText(`Line ${COUNT - 1}.`)
      .waitFor();
    await page.getByRole('button', { name: 'Latest' }).waitFor({ state: 'hidden' });
    expectNoProblems();
    await context.close();
  });

  it('does not move when a message arrives while it is scrolled up, and says that there is a new one', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/inbox' });
    await openLongConversation(page);
    await log(page).hover();
    await page.mouse.wheel(0, -1_500);
    await page.getByRole('button', { name: 'Latest' }).waitFor();
    const before = await until('the list to stand still', async () => {
      const first = await firstVisible(page);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      const second = await firstVisible(page);
      return first.text === second.text && first.top === second.top && second;
    });
    await line.receive({ from: LONG, text: 'New while scrolled up' });
    await page.getByRole('button', { name: '1 new' }).waitFor();
    expect(Math.abs((await topOf(page, before))! - before.top)).toBeLessThanOrEqual(2);
    await page.getByRole('button', { name: '1 new' }).click();
    await log(page).getByText('New while scrolled up').waitFor();
    await page
      .getByRole('button', { name: /new|Latest/ })
      .last()
      .waitFor({ state: 'hidden' });
    await context.close();
  });

  it('shows a change of a status without loading the older pages again', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/inbox' });
    await openLongConversation(page);
    const loads: string[] = [];
    page.on('request', (request) => {
      const { pathname, search } = new URL(request.url());
      if (/\/conversations\/\w+\/messages$/.test(pathname)) loads.push(search);
    });
    await log(page).hover();
    await until('four older pages', async () => {
      await page.mouse.wheel(0, -2_000);
      return loads.length >= 4;
    });
    await page.getByRole('button', { name: 'Latest' }).click();
    await lastLine(page).waitFor();
    loads.length = 0;
    line.socket.say({ type: 'credit', n: 1 });
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Sent at the end');
    await page.keyboard.press('Enter');
    const [item] = (await line.socket.next('deliver')).items;
    line.socket.say(reportOf(101, item, 'sent', { service: 'imessage' }));
    await log(page).getByText('Sent', { exact: true }).waitFor();
    line.socket.say(reportOf(102, item, 'delivered'));
    await log(page).getByText('Delivered').last().waitFor();
    expect(loads.filter((search) => search.includes('before='))).toEqual([]);
    expect(loads.length).toBeLessThanOrEqual(8);
    await context.close();
  });

  it('opens at a message in its middle, and scrolls to both sides of it', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      path: '/inbox?search=line+5000',
    });
    await page.locator('a[href*="message=msg_"]').first().click();
    await log(page).getByText('Line 5000.').waitFor();
    await log(page).hover();
    for (const [wheel, text] of [
      [-800, 'Line 4920.'],
      [800, 'Line 5080.'],
    ] as const) {
      await until(text, async () => {
        await page.mouse.wheel(0, wheel);
        return (await log(page).getByText(text).count()) > 0;
      });
    }
    expect(await bubbles(page).count()).toBeLessThanOrEqual(ROWS_MAX);
    await page.getByRole('button', { name: 'Latest' }).click();
    await lastLine(page).waitFor();
    await context.close();
  });

  it('is printed with all loaded messages', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/inbox' });
    await openLongConversation(page);
    await page.emulateMedia({ media: 'print' });
    await page.evaluate('dispatchEvent(new Event("beforeprint"))');
    // The first page has 50 messages; the scroller itself is not printed.
    const printed = await page.evaluate(
      `document.querySelector('#content').innerText.match(/Line \\d+\\./g).length`,
    );
    expect(printed).toBeGreaterThanOrEqual(45);
    const heights = (await page.evaluate(
      `[document.documentElement.scrollHeight, document.body.scrollHeight, innerHeight]`,
    )) as number[];
    expect(Math.max(heights[0]!, heights[1]!)).toBeGreaterThan(heights[2]!);
    expect(await page.getByRole('navigation', { name: 'Views' }).isVisible()).toBe(false);
    expect(await page.getByRole('textbox', { name: 'Message', exact: true }).isVisible()).toBe(false);
    const pdf = (await page.pdf()).toString('latin1');
    expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(1);
    await page.evaluate('dispatchEvent(new Event("afterprint"))');
    await page.emulateMedia({ media: 'screen' });
    await lastLine(page).waitFor();
    await context.close();
  });
});
