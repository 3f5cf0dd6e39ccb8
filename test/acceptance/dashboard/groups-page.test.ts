/** Tests received groups in a real browser, and recipients who opted out, to whom nothing can be sent. */
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
import { until } from '../../support/until.ts';

const OWN_NUMBER = '+14155550100';
const ANNA = '+14155550171';
const BEN = '+14155550172';
const CHAT = 'iMessage;+;chat77';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;

beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, OWN_NUMBER);
  await owner.post('/live/contacts', { name: 'Anna Example', handle: ANNA });
  const now = Date.now();
  const at = (ago: number) => ({ chat: CHAT, late: true, sent_at: new Date(now - ago).toISOString() });
  await line.receive(
    { from: ANNA, text: 'Who brings the cake?', ...at(50_000) },
    { from: ANNA, text: 'On Saturday', ...at(40_000) },
    { from: BEN, text: 'I do!', ...at(30_000) },
    { from: OWN_NUMBER, text: 'Great, thanks', from_me: true, ...at(20_000) },
  );
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const messageField = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
  ['a small phone', SMALL_PHONE],
])('a group on %s', (_name, viewport) => {
  it('shows who wrote above the first bubble of a run, and says that the device cannot answer', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      viewport,
      path: '/inbox',
    });
    await page.getByText('Groups', { exact: true }).click();
    await page.locator('a').filter({ hasText: 'Great, thanks' }).click();
    await log(page).getByText('On Saturday').waitFor();
    const texts = await log(page).locator('[data-index]').allTextContents();
    const shown = texts.map((text) => text.replace(/\d\d:\d\d$/, ''));
    expect(shown.slice(-4)).toEqual([
      'Anna ExampleWho brings the cake?',
      'On Saturday',
      '+1 415 555 0172I do!',
      expect.stringMatching(/^Great, thanks/),
    ]);
    await page.getByText('No device of this number can send to groups. Reply on the device.').waitFor();
    expect(await messageField(page).count()).toBe(0);
    await page.keyboard.press('r');
    await expectNothingCut(page);
    await expectAccessible(page, `a group at ${viewport.width} px`);
    expectNoProblems();
    await context.close();
  });
});

describe('a message to a group', () => {
  it('is sent again to the whole group, once a device can do it', async () => {
    const { messages } = (await owner.get('/live/messages?direction=outbound')).body;
    const { id, isGroup, conversationId } = messages[0];
    expect(isGroup).toBe(true);
    const { page, context } = await openDashboard(browser, homing, owner, { path: `/messages/${id}` });
    await page.getByRole('heading', { name: 'To Anna Example, +1 415 555 0172', level: 1 }).waitFor();
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.getByText("No device of the number supports 'groups'.").waitFor();
    const thread = await openDashboard(browser, homing, owner, { path: `/inbox/${conversationId}` });
    await thread.page.getByText('No device of this number can send to groups.').waitFor();
    line.socket.say({
      ...{
        type: 'health',
        full_disk_access: true,
        automation: true,
        messages_running: true,
        signed_in: true,
      },
      ...{ clock: new Date().toISOString(), capabilities: ['imessage', 'journal', 'groups'] },
    });
    await messageField(thread.page).waitFor();
    await thread.context.close();
    await page.getByRole('button', { name: 'Send again' }).click();
    const again = await until('the new message', async () => {
      const { body } = await owner.get('/live/messages?direction=outbound');
      return body.messages[0].id === id ? undefined : body.messages[0];
    });
    expect(again).toMatchObject({ conversationId, isGroup: true, content: 'Great, thanks' });
    await context.close();
  });
});

describe('a recipient who opts out', () => {
  it('cannot be written to from then on, and can again after opting in', async () => {
    const handle = '+14155550181';
    await line.receive({ from: handle, text: 'Hello, I have a question' });
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/inbox',
    });
    await page.locator('a').filter({ hasText: 'I have a question' }).click();
    await messageField(page).fill('The answer');
    await line.receive({ from: handle, text: 'STOP' });
    await page.getByText('The recipient has opted out. Messages to this number are rejected.').waitFor();
    await log(page).getByText('STOP', { exact: true }).waitFor();
    expect(await messageField(page).isDisabled()).toBe(true);
    expect(await page.getByRole('button', { name: 'Send', exact: true }).isDisabled()).toBe(true);
    await page.getByText('Opted out', { exact: true }).waitFor();
    await expectAccessible(page, 'a recipient who opted out');
    await line.receive({ from: handle, text: 'START' });
    await until('the field to be enabled', async () => messageField(page).isEnabled());
    expect(await messageField(page).inputValue()).toBe('The answer');
    expectNoProblems();
    await context.close();
  });
});
