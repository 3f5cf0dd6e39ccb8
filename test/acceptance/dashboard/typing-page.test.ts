/** Tests in a real browser that a conversation shows who types. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { openDashboard } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';

const ANNA = '+14155550171';
const BEN = '+14155550172';
const CHAT = 'iMessage;+;chat88';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, '+14155550100');
  await owner.post('/live/contacts', { name: 'Anna Example', handle: ANNA });
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const status = (page: Page, text: string) => page.getByRole('status').filter({ hasText: text });
const openConversation = async (text: string) => {
  const opened = await openDashboard(browser, homing, owner, { path: '/inbox' });
  await opened.page.locator('a').filter({ hasText: text }).click();
  await opened.page.getByRole('log', { name: 'Messages' }).getByText(text).waitFor();
  return opened;
};

it('a conversation shows that the other party types, until its message or its end', async () => {
  await line.receive({ from: ANNA, text: 'One moment' });
  const { page, context, expectNoProblems } = await openConversation('One moment');
  await line.receive({ from: ANNA, typing: 'start' });
  await status(page, 'Anna Example is typing').waitFor();
  await expectAccessible(page, 'a conversation with typing');
  await line.receive({ from: ANNA, text: 'Here it is' });
  await page.getByRole('log', { name: 'Messages' }).getByText('Here it is').waitFor();
  await status(page, 'is typing').waitFor({ state: 'detached' });
  await line.receive({ from: ANNA, typing: 'start' });
  await status(page, 'Anna Example is typing').waitFor();
  await line.receive({ from: ANNA, typing: 'stop' });
  await status(page, 'is typing').waitFor({ state: 'detached' });
  expectNoProblems();
  await context.close();
});

it('a group shows which participants type, and another conversation does not', async () => {
  const group = { chat: CHAT, participants: [ANNA, BEN] };
  await line.receive({ from: ANNA, text: 'In the group', ...group });
  const { page, context } = await openConversation('In the group');
  const other = await openConversation('Here it is');
  await line.receive({ from: ANNA, typing: 'start', chat: CHAT });
  await status(page, 'Anna Example is typing').waitFor();
  await line.receive({ from: BEN, typing: 'start', chat: CHAT });
  await status(page, 'Anna Example and 1 more are typing').waitFor();
  expect(await status(other.page, 'typing').count()).toBe(0);
  await Promise.all([context.close(), other.context.close()]);
});

it('a typing without an end disappears by itself', async () => {
  await line.receive({ from: BEN, text: 'Without an end' });
  const { page, context } = await openConversation('Without an end');
  await page.clock.install();
  await page.reload();
  await page.getByRole('log', { name: 'Messages' }).getByText('Without an end').waitFor();
  await line.receive({ from: BEN, typing: 'start' });
  await status(page, 'is typing').waitFor();
  await page.clock.fastForward('01:01');
  await status(page, 'is typing').waitFor({ state: 'detached' });
  await context.close();
});
