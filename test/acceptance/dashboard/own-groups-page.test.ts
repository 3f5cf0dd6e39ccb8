/** Tests creating a group, writing to it and changing it in a real browser. */
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
import { until } from '../../support/until.ts';

const ADA = '+15005550010';
const ECHO = '+15005550014';
const READER = '+15005550015';
const LEAVES = '+15005550045';
const RENAMES = '+15005550046';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let keys = 0;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  await owner.post('/test/contacts', { handle: ADA, name: 'Ada Example' });
  await owner.post('/test/contacts', { handle: LEAVES, name: 'Lena Leaves' });
  await owner.post('/test/contacts', { handle: RENAMES, name: 'Renate Renames' });
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const messageField = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const create = async (participants: string[], name?: string) =>
  (await owner.post('/test/conversations', { participants, name })).body;
const send = (conversationId: string, content: string) =>
  owner.post('/test/messages', { conversationId, content, idempotencyKey: `own-group-${keys++}` });
const delivered = async (id: string) => {
  await send(id, 'Hello all');
  await until('the delivery', async () => {
    const { latest } = (await owner.get(`/test/conversations/${id}`)).body;
    return latest?.status === 'delivered' || latest?.direction === 'inbound';
  });
};
const open = (id: string, options: { viewport?: typeof DESKTOP; colorScheme?: 'light' | 'dark' } = {}) =>
  openDashboard(browser, homing, owner, { path: `/test/inbox/${id}`, ...options });

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
])('a new group on %s', (_name, viewport) => {
  it('is created, written to, and shows who answers', async () => {
    const name = `Friday at ${viewport.width}`;
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      viewport,
      path: '/test/inbox',
    });
    await page.getByRole('button', { name: 'New group' }).click();
    const participants = page.getByRole('combobox', { name: 'Participants' });
    await participants.fill('Ada');
    await page.getByRole('option', { name: 'Ada Example · +1 500 555 0010' }).click();
    await participants.fill('+1 500 555 0014');
    await participants.press('Enter');
    await page.getByRole('textbox', { name: 'Name' }).fill(name);
    await expectAccessible(page, `a new group at ${viewport.width} px`);
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    await page.getByText(/^2 participants/).waitFor();
    await messageField(page).fill('Who brings the cake?');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await log(page).getByText('echo: Who brings the cake?').waitFor();
    await log(page).getByText('+1 500 555 0014', { exact: true }).waitFor();
    await expectNothingCut(page);
    const { conversations } = (await owner.get('/test/conversations?filter=groups')).body;
    expect(conversations[0]).toMatchObject({ name, isGroup: true });
    expectNoProblems();
    await context.close();
  });

  it('needs two participants, and says so', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { viewport, path: '/test/inbox' });
    await page.getByRole('button', { name: 'New group' }).click();
    await page.getByRole('combobox', { name: 'Participants' }).fill('+1 500 555 0014');
    await page.getByRole('button', { name: 'Create group' }).click();
    await page.getByRole('alert').getByText('A group has 2 to 31 different participants.').waitFor();
    await context.close();
  });
});

describe('the changes of a group', () => {
  it('by its participants appear in the conversation without a reload', async () => {
    const { id } = await create([ADA, LEAVES, RENAMES], 'Saturday');
    const { page, context, expectNoProblems } = await open(id);
    await page.getByRole('heading', { name: 'Saturday', level: 1 }).waitFor();
    await messageField(page).fill('Hello all');
    await page.keyboard.press('Enter');
    await log(page).getByText('Lena Leaves left the conversation').waitFor();
    await log(page).getByText(`Renate Renames named the conversation “Renamed by ${RENAMES}”`).waitFor();
    await page.getByRole('heading', { name: `Renamed by ${RENAMES}`, level: 1 }).waitFor();
    await page.getByText(/^2 participants/).waitFor();
    await page.getByRole('link', { name: new RegExp(`Renamed by \\${RENAMES}`) }).waitFor();
    expectNoProblems();
    await context.close();
  });

  it.each([
    ['a computer', DESKTOP],
    ['a small phone', SMALL_PHONE],
  ])('by the member are made in the details on %s', async (_, viewport) => {
    const { id } = await create([ADA, READER]);
    await delivered(id);
    const { page, context, expectNoProblems } = await open(id, { viewport });
    const details = page.getByRole('complementary', { name: 'Details' });
    // Another item shows a change that waits for the device.
    const participant = (name: string) =>
      details.getByRole('listitem').filter({ hasText: name, hasNotText: 'Waiting for the device' });
    await page.getByText(/^2 participants/).waitFor();
    if (!(await details.isVisible())) await page.getByRole('button', { name: 'Show details' }).click();
    await participant('Ada Example').waitFor();
    await details.getByRole('button', { name: 'Rename group' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Sunday');
    await page.getByRole('button', { name: 'Rename', exact: true }).click();
    await details.getByText('Sunday').waitFor();
    await details.getByRole('button', { name: 'Add a participant' }).click();
    await page.getByRole('textbox', { name: /Number or iMessage address/ }).fill('+1 500 555 0014');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await participant('+1 500 555 0014').waitFor();
    await details.getByRole('button', { name: 'Remove Ada Example' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await participant('Ada Example').waitFor({ state: 'detached' });
    await expectAccessible(page, `a group at ${viewport.width} px`);
    await expectNothingCut(page);
    await details.getByRole('button', { name: 'Leave group' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
    await details.getByRole('button', { name: 'Rename group' }).waitFor({ state: 'detached' });
    await details.getByRole('button', { name: 'Close the details' }).click();
    await page.getByText('You left this group.').waitFor();
    const shown = ['You named the conversation “Sunday”', 'You added +1 500 555 0014'];
    for (const text of [...shown, 'You removed Ada Example', 'You left the conversation']) {
      await log(page).getByText(text, { exact: true }).waitFor();
    }
    expectNoProblems();
    await context.close();
  });

  it('are not offered to a viewer', async () => {
    const { id } = await create([ADA, ECHO], 'Only to read');
    await delivered(id);
    const viewer = await signIn(homing, { role: 'viewer' });
    const { page, context } = await openDashboard(browser, homing, viewer, { path: `/test/inbox/${id}` });
    const details = page.getByRole('complementary', { name: 'Details' });
    await details.getByText('Ada Example').waitFor();
    expect(await details.getByRole('button').allTextContents()).toEqual(['']);
    expect(await page.getByRole('button', { name: 'New group' }).count()).toBe(0);
    await context.close();
  });
});

it.each(['light', 'dark'] as const)('the names of senders are readable in %s', async (colorScheme) => {
  const numbers = ['+15005550014', '+15005550041', '+15005550042', '+15005550043', '+15005550044'];
  const { id } = await create(numbers);
  await send(id, 'Names');
  const { page, context } = await open(id, { colorScheme });
  await log(page).locator('[data-color]').nth(3).waitFor();
  const colors = await log(page)
    .locator('[data-color]')
    .evaluateAll((all) => all.map((one) => (one as unknown as { dataset: { color: string } }).dataset.color));
  expect(new Set(colors).size).toBeGreaterThanOrEqual(3);
  await expectAccessible(page, `a group in ${colorScheme}`);
  await context.close();
});

it('a group in which a participant has opted out cannot be written to', async () => {
  const { id } = await create([READER, '+15005550011']);
  await delivered(id);
  await owner.post('/test/opt-outs', { handle: '+15005550011' });
  const { page, context } = await open(id);
  await page.getByText('A participant has opted out. Messages to this group are rejected.').waitFor();
  expect(await messageField(page).isDisabled()).toBe(true);
  await context.close();
});
