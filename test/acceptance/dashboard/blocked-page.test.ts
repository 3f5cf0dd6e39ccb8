/** Tests blocked senders, look-ups and the capabilities of devices in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { DESKTOP, expectNothingCut, openDashboard, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const ANNA = '+14155550171';
const BEN = '+14155550172';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, '+14155550100');
  await line.receive({ from: ANNA, text: 'Hello from Anna' }, { from: BEN, text: 'Hello from Ben' });
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const isBlocked = async (handle: string) => {
  const { senderRules } = (await owner.get('/live/sender-rules')).body;
  return senderRules.some((rule: { handle: string; action: string }) => rule.handle === handle);
};

describe.each([
  ['a computer', DESKTOP],
  ['a small phone', SMALL_PHONE],
])('a sender on %s', (_name, viewport) => {
  it('is blocked and unblocked in the list', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      viewport,
      path: '/contacts/blocked',
    });
    await page.getByText('No blocked sender').waitFor();
    await page.getByRole('button', { name: 'Block sender' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: /Number or iMessage address/ }).fill('+1 415 555 0199');
    await expectAccessible(page, `the dialog of a block at ${viewport.width} px`);
    await dialog.getByRole('button', { name: 'Block sender' }).click();
    await page.getByText('+1 415 555 0199').first().waitFor();
    await expectAccessible(page, `blocked senders at ${viewport.width} px`);
    await expectNothingCut(page);
    await page.getByRole('button', { name: 'Unblock +1 415 555 0199' }).click();
    await page.getByText('No blocked sender').waitFor();
    expectNoProblems();
    await context.close();
  });
});

it('a sender is blocked in the menu of the conversation, and that can be undone', async () => {
  const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, { path: '/inbox' });
  await page.locator('a').filter({ hasText: 'Hello from Ben' }).click();
  await page.getByRole('button', { name: 'Conversation menu' }).click();
  await page.getByRole('menuitem', { name: 'Block sender' }).click();
  await page.getByText('Blocked', { exact: true }).waitFor();
  await line.receive({ from: BEN, text: 'Not to be seen' });
  expect(await isBlocked(BEN)).toBe(true);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Blocked', { exact: true }).waitFor({ state: 'detached' });
  await line.receive({ from: BEN, text: 'Seen again' });
  await page.getByRole('log', { name: 'Messages' }).getByText('Seen again').waitFor();
  expect(await page.getByText('Not to be seen').count()).toBe(0);
  expectNoProblems();
  await context.close();
});

it('a contact is blocked and looked up on its page', async () => {
  const contact = (await owner.post('/test/contacts', { handle: '+15005550016', name: 'Sam Short' })).body;
  const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
    path: `/test/contacts/${contact.id}`,
  });
  await page.getByRole('button', { name: 'Check for iMessage' }).click();
  await page.getByText('Not on iMessage: messages are sent as SMS').waitFor();
  await page.getByRole('switch', { name: 'Blocked' }).click();
  await page.getByRole('switch', { name: 'Blocked', checked: true }).waitFor();
  await until('the block', async () => (await owner.get(`/test/contacts/${contact.id}`)).body.isBlocked);
  await expectAccessible(page, 'a blocked contact');
  await expectNothingCut(page);
  await page.getByRole('switch', { name: 'Blocked' }).click();
  await page.getByRole('switch', { name: 'Blocked', checked: false }).waitFor();
  expectNoProblems();
  await context.close();
});

it('a viewer sees the blocked senders and cannot unblock them', async () => {
  await owner.post('/live/sender-rules', { handle: ANNA, action: 'block' });
  const viewer = await signIn(homing, { role: 'viewer' });
  const { page, context } = await openDashboard(browser, homing, viewer, { path: '/contacts/blocked' });
  await page.getByText('+1 415 555 0171').first().waitFor();
  expect(await page.getByRole('button', { name: /nblock|Block/ }).count()).toBe(0);
  await context.close();
});

it('the page of devices shows the capabilities of a device, also after a change', async () => {
  const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
    path: '/devices',
  });
  await page.getByText(/^Cannot do: groups, changes of groups, reactions/).waitFor();
  line.socket.say({
    ...{ type: 'health', full_disk_access: true, automation: true, messages_running: true, signed_in: true },
    ...{ clock: new Date().toISOString(), capabilities: ['imessage', 'journal', 'groups', 'reactions'] },
  });
  await page.getByText(/Can do: groups, reactions\. Cannot do: changes of groups/).waitFor();
  await expectAccessible(page, 'a device with capabilities');
  await expectNothingCut(page);
  expectNoProblems();
  await context.close();
});
