/** Tests the inbox on a phone in a real browser: the keyboard, ways back, links, and times of other time zones. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { expectNothingCut, openDashboard, PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const ANNA = '+14155550171';
const WITH_KEYBOARD = { width: 390, height: 400 };

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;
let conversationId: string;

beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, '+14155550100');
  await line.receive(...Array.from({ length: 30 }, (_, index) => ({ from: ANNA, text: `Line ${index}` })));
  await line.receive({ from: '+14155550172', text: 'Another conversation' });
  const { conversations } = await until('both conversations', async () => {
    const { body } = await owner.get('/live/conversations');
    return body.conversations.length === 2 && body;
  });
  conversationId = conversations[1].id;
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const messageField = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });

async function isInside(page: Page, locator: Locator): Promise<boolean> {
  const box = await locator.boundingBox();
  const height = page.viewportSize()?.height ?? 0;
  return box !== null && box.y >= 0 && box.y + box.height <= height;
}

describe('the keyboard of a phone', () => {
  it('leaves the field and the last message visible, also when it closes', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      ...{ viewport: PHONE, path: `/inbox/${conversationId}` },
    });
    await log(page).getByText('Line 29', { exact: true }).waitFor();
    await messageField(page).tap();
    for (const size of [WITH_KEYBOARD, PHONE, WITH_KEYBOARD]) {
      await page.setViewportSize(size);
      await until(`the field at ${size.height} px`, () => isInside(page, messageField(page)));
      await until(`the last message at ${size.height} px`, () =>
        isInside(page, log(page).getByText('Line 29', { exact: true })),
      );
    }
    // The field grows over several lines and the list stays at its end.
    await messageField(page).fill('One\nTwo\nThree\nFour\nFive');
    await until('the last message above the text', () =>
      isInside(page, log(page).getByText('Line 29', { exact: true })),
    );
    const [field, last] = [
      await messageField(page).boundingBox(),
      await log(page).getByText('Line 29', { exact: true }).boundingBox(),
    ];
    expect(last!.y + last!.height).toBeLessThanOrEqual(field!.y);
    await expectNothingCut(page);
    await context.close();
  });

  it('starts a new line with Enter', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      ...{ viewport: PHONE, path: `/inbox/${conversationId}` },
    });
    await messageField(page).fill('One');
    await messageField(page).press('Enter');
    await page.keyboard.type('Two');
    expect(await messageField(page).inputValue()).toBe('One\nTwo');
    await context.close();
  });
});

describe('the way back', () => {
  it('leads from a conversation to the list, by the button and by the browser', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      ...{ viewport: PHONE, path: '/inbox?filter=unread' },
    });
    const row = page.locator('a').filter({ hasText: 'Another conversation' });
    const views = page.getByRole('navigation', { name: 'Views' });
    await page.getByText('All', { exact: true }).click();
    for (const back of [
      () => page.goBack(),
      () => page.getByRole('button', { name: 'Back to the conversations' }).click(),
    ]) {
      await row.click();
      await log(page).getByText('Another conversation').waitFor();
      expect(await views.isVisible()).toBe(false);
      await back();
      await row.waitFor();
      await views.waitFor();
      expect(await log(page).count()).toBe(0);
    }
    expectNoProblems();
    await context.close();
  });

  it('leads from a link to the list of conversations', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      ...{ viewport: PHONE, path: `/inbox/${conversationId}` },
    });
    await log(page).getByText('Line 29', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Back to the conversations' }).click();
    await page.locator('a').filter({ hasText: 'Another conversation' }).waitFor();
    await context.close();
  });

  it('also leads back from a conversation that does not exist', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      ...{ viewport: PHONE, path: '/inbox/conv_unknown' },
    });
    await page.getByText('This conversation does not exist').waitFor();
    await page.getByRole('button', { name: 'Show all conversations' }).click();
    await page.locator('a').filter({ hasText: 'Another conversation' }).waitFor();
    await context.close();
  });
});

describe('times', () => {
  it.each(['America/New_York', 'Asia/Tokyo'])(
    'are those of the viewer in %s, exact on hover',
    async (timeZone) => {
      const { page, context } = await openDashboard(browser, homing, owner, {
        ...{ timeZone, path: `/inbox/${conversationId}` },
      });
      const time = log(page).locator('time').last();
      await time.waitFor();
      const at = Date.parse((await time.getAttribute('datetime')) ?? '');
      const format = (options: Intl.DateTimeFormatOptions) =>
        new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options }).format(at);
      expect(await time.textContent()).toBe(format({ hour: '2-digit', minute: '2-digit' }));
      const title = (await time.getAttribute('title')) ?? '';
      expect(title).toContain(format({ hour: '2-digit', minute: '2-digit', second: '2-digit' }));
      expect(title).toContain(format({ timeZoneName: 'short' }).split(' ').at(-1));
      await context.close();
    },
  );
});
