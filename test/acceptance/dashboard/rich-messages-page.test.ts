/** Tests reactions, replies, effects, edits and unsending in a real browser. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { DESKTOP, expectNothingCut, openDashboard, PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { pairedInbox } from '../../support/inbox.ts';
import { reportOf } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

const PLAIN = '+15005550010';
const REACTS = '+15005550040';
const REPLIES = '+15005550041';
const EDITS = '+15005550042';
const UNSENDS = '+15005550043';
const SILENT = '+15005550023';
const OWN = '+15005550006';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let keys = 0;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  await owner.post('/test/contacts', { handle: REACTS, name: 'Ada Example' });
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const messageField = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
/** The row of the list with the message. */
const rowOf = (page: Page, text: string) =>
  log(page).locator('[data-index]').filter({ hasText: text }).first();
const reactionsOf = (row: Locator) => row.getByRole('list', { name: 'Reactions' });
const send = async (body: object) => {
  const response = await owner.post('/test/messages', { idempotencyKey: `rich-page-${keys++}`, ...body });
  expect(response.status, response.text).toBe(201);
  return response.body;
};
const delivered = async (body: object) => {
  const { id } = await send(body);
  return until('the delivery', async () => {
    const { message } = (await owner.get(`/test/messages/${id}`)).body;
    return message.status === 'delivered' ? message : undefined;
  });
};
const open = (
  { conversationId }: { conversationId: string },
  options: { viewport?: typeof DESKTOP; colorScheme?: 'light' | 'dark' } = {},
) => openDashboard(browser, homing, owner, { path: `/test/inbox/${conversationId}`, ...options });
const openMenu = async (row: Locator) => {
  await row.hover();
  await row.getByRole('button', { name: 'Message menu' }).click();
};

describe('a reaction', () => {
  it('is added from the menu next to the bubble, replaced, and removed by a click', async () => {
    const message = await delivered({ to: PLAIN, content: 'React to this' });
    const { page, context, expectNoProblems } = await open(message);
    const row = rowOf(page, 'React to this');
    await row.hover();
    await row.getByRole('button', { name: 'React', exact: true }).click();
    await page.getByRole('button', { name: 'Love', exact: true }).click();
    await reactionsOf(row).getByRole('button', { name: 'Love: you. Remove your reaction' }).waitFor();
    await expectAccessible(page, 'an own reaction');
    await row.getByRole('button', { name: 'React', exact: true }).click();
    await page.getByRole('textbox', { name: 'Emoji' }).fill('🎉');
    await page.getByRole('button', { name: 'React', exact: true }).last().click();
    const party = reactionsOf(row).getByRole('button', { name: '🎉: you. Remove your reaction' });
    await party.waitFor();
    expect(await reactionsOf(row).getByRole('listitem').count()).toBe(1);
    await party.click();
    await reactionsOf(row).waitFor({ state: 'detached' });
    // The page shows the removal before the device has carried it out.
    await until('the removal', async () => {
      const { reactions } = (await owner.get(`/test/messages/${message.id}`)).body.message;
      return reactions.length === 0;
    });
    expectNoProblems();
    await context.close();
  });

  it('of the recipient appears without a reload, and counts with the own one', async () => {
    const { page, context, expectNoProblems } = await open(await delivered({ to: REACTS, content: 'Count' }));
    const row = rowOf(page, 'Count');
    await reactionsOf(row).getByRole('img', { name: 'Love: Ada Example' }).waitFor();
    await openMenu(row);
    await page.getByRole('menuitem', { name: 'React' }).click();
    await page.getByRole('button', { name: 'Love', exact: true }).click();
    const both = reactionsOf(row).getByRole('button', {
      name: 'Love 2: Ada Example, you. Remove your reaction',
    });
    await both.waitFor();
    expect(await both.textContent()).toBe('2');
    expect(await both.getAttribute('title')).toBe('Love 2: Ada Example, you');
    expectNoProblems();
    await context.close();
  });

  it('is added by a long press on a phone', async () => {
    const message = await delivered({ to: PLAIN, content: 'Press here' });
    const { page, context, expectNoProblems } = await open(message, { viewport: PHONE });
    const bubble = log(page).getByText('Press here', { exact: true });
    await bubble.dispatchEvent('touchstart', { touches: [{ identifier: 1, clientX: 0, clientY: 0 }] });
    await page.getByRole('menuitem', { name: 'React' }).click();
    await page.getByRole('button', { name: 'Laugh' }).waitFor();
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await expectAccessible(page, 'the reactions on a phone');
    await expectNothingCut(page);
    await page.getByRole('button', { name: 'Laugh' }).click();
    await reactionsOf(rowOf(page, 'Press here'))
      .getByRole('button', { name: /^Laugh: you/ })
      .waitFor();
    expectNoProblems();
    await context.close();
  });

  it('that waits for its message is shown, and can be withdrawn', async () => {
    const message = await send({ to: SILENT, content: 'Not yet' });
    const { page, context } = await open(message);
    const row = rowOf(page, 'Not yet');
    await row.hover();
    await row.getByRole('button', { name: 'React', exact: true }).click();
    await page.getByRole('button', { name: 'Like', exact: true }).click();
    const waiting = reactionsOf(row).getByRole('button', { name: /^Like: waiting for the device/ });
    await waiting.waitFor();
    await waiting.click();
    await reactionsOf(row).waitFor({ state: 'detached' });
    await context.close();
  });
});

describe('a reply', () => {
  it('quotes its message, and a click on the quote jumps to it', async () => {
    const first = await delivered({ to: REPLIES, content: 'Which colour?' });
    for (let count = 0; count < 12; count += 1) {
      await send({ conversationId: first.conversationId, content: `Line ${count}\n\n\n\n\n\n` });
    }
    const { page, context, expectNoProblems } = await open(first);
    await log(page).getByText('Line 11').first().waitFor();
    await log(page).getByText('answer to: Line 11').waitFor();
    const answer = rowOf(page, 'answer to: Line 11');
    await openMenu(answer);
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.getByText('Reply to +1 500 555 0041').waitFor();
    await messageField(page).fill('Blue then');
    await page.keyboard.press('Enter');
    const reply = rowOf(page, 'Blue then');
    await reply.getByRole('button', { name: /^\+1 500 555 0041 answer to: Line 11/ }).waitFor();
    expect(await page.getByText('Reply to +1 500 555 0041').count()).toBe(0);
    const { messages } = (await owner.get(`/test/conversations/${first.conversationId}/messages`)).body;
    const sent = messages.find(({ content }: { content: string }) => content === 'Blue then');
    expect(sent.replyTo.preview).toMatchObject({ text: expect.stringContaining('answer to: Line 11') });

    await page.goto(`${homing.url}/dashboard/test/inbox/${first.conversationId}`);
    await log(page).getByText('Blue then', { exact: true }).first().waitFor();
    await log(page).evaluate((element) => ((element as unknown as { scrollTop: number }).scrollTop = 0));
    await log(page).getByText('Which colour?', { exact: true }).first().waitFor();
    const quote = log(page).getByRole('button', { name: /^You Which colour/ });
    await quote.scrollIntoViewIfNeeded();
    await quote.click();
    await page.locator('[data-found]').filter({ hasText: 'Which colour?' }).waitFor();
    await expectAccessible(page, 'replies');
    expectNoProblems();
    await context.close();
  });

  it('is given up with Escape, and keeps the text', async () => {
    const message = await delivered({ to: PLAIN, content: 'A question' });
    const { page, context } = await open(message);
    await openMenu(rowOf(page, 'A question'));
    await page.getByRole('menuitem', { name: 'Reply' }).click();
    await page.getByText('Reply to yourself').waitFor();
    await messageField(page).fill('An answer');
    await page.keyboard.press('Escape');
    await page.getByText('Reply to yourself').waitFor({ state: 'detached' });
    expect(await messageField(page).inputValue()).toBe('An answer');
    await context.close();
  });
});

describe('an effect and a subject', () => {
  it('are chosen and shown by name', async () => {
    const message = await delivered({ to: PLAIN, content: 'With a subject', subject: 'Opening hours' });
    const { page, context, expectNoProblems } = await open(message);
    await log(page).locator('strong', { hasText: 'Opening hours' }).waitFor();
    await messageField(page).fill('Party');
    await page.getByRole('button', { name: 'Send with an effect' }).click();
    await page.getByRole('menuitem', { name: 'Confetti' }).click();
    await page.getByRole('button', { name: 'Effect: confetti' }).waitFor();
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await rowOf(page, 'Party').getByText('Sent with confetti').waitFor();
    await page.getByRole('button', { name: 'Send with an effect' }).waitFor();
    expectNoProblems();
    await context.close();
  });
});

describe('an edit', () => {
  it.each([
    ['a computer', DESKTOP],
    ['a phone', PHONE],
  ])('changes the text, and shows the versions on %s', async (_, viewport) => {
    const message = await delivered({ to: PLAIN, content: `Helo at ${viewport.width}` });
    const { page, context, expectNoProblems } = await open(message, { viewport });
    await log(page).getByText(message.content).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await page.getByRole('textbox', { name: 'Edited text' }).fill(`Hello at ${viewport.width}`);
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const row = rowOf(page, `Hello at ${viewport.width}`);
    await row.getByRole('button', { name: 'Edited' }).click();
    const versions = page.getByRole('list', { name: 'Versions, newest first' });
    await versions.getByText(message.content, { exact: true }).waitFor();
    expect(await versions.getByRole('listitem').allTextContents()).toEqual([
      expect.stringMatching(/^Edited · \d\d:\d\dHello/),
      expect.stringMatching(/^Original · \d\d:\d\dHelo/),
    ]);
    await expectAccessible(page, `the versions at ${viewport.width} px`);
    await expectNothingCut(page);
    expectNoProblems();
    await context.close();
  });

  it('by the recipient appears without a reload', async () => {
    const { page, context } = await open(await send({ to: EDITS, content: 'Hi' }));
    await log(page).getByText('edited answer to: Hi').waitFor();
    await log(page).getByRole('button', { name: 'Edited' }).waitFor();
    await context.close();
  });

  it('and the unsending are offered as long as Messages allows them', async () => {
    const message = await delivered({ to: PLAIN, content: 'For a while' });
    const { page, context } = await open(message);
    await page.clock.install();
    await page.reload();
    const row = rowOf(page, 'For a while');
    await openMenu(row);
    await page.getByRole('menuitem', { name: 'Unsend' }).waitFor();
    await page.clock.fastForward('02:01');
    await page.getByRole('menuitem', { name: 'Unsend' }).waitFor({ state: 'detached' });
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor();
    await page.clock.fastForward('13:01');
    await page.getByRole('menuitem', { name: 'Edit' }).waitFor({ state: 'detached' });
    await page.getByRole('menuitem', { name: 'Reply' }).waitFor();
    await context.close();
  });
});

describe('unsending', () => {
  it('leaves a line in the place of the message', async () => {
    const message = await delivered({ to: PLAIN, content: 'A secret' });
    const { page, context, expectNoProblems } = await open(message);
    await openMenu(rowOf(page, 'A secret'));
    await page.getByRole('menuitem', { name: 'Unsend' }).click();
    await log(page).getByText('You unsent a message').waitFor();
    expect(await log(page).getByText('A secret').count()).toBe(0);
    expectNoProblems();
    await context.close();
  });

  it('by the recipient leaves a line too', async () => {
    const { page, context } = await open(await send({ to: UNSENDS, content: 'Hi' }));
    await log(page).getByText('+1 500 555 0043 unsent a message').waitFor();
    await context.close();
  });
});

it.each(['light', 'dark'] as const)(
  'a conversation with everything in it is accessible in %s',
  async (colorScheme) => {
    const first = await delivered({
      to: REACTS,
      content: 'Everything',
      subject: 'Subject',
      effect: 'balloons',
    });
    await until('the reaction', async () => {
      const { message } = (await owner.get(`/test/messages/${first.id}`)).body;
      return message.reactions.length > 0;
    });
    await send({
      conversationId: first.conversationId,
      content: 'A reply',
      replyTo: { messageId: first.id },
    });
    const { page, context } = await open(first, { colorScheme });
    await log(page).getByText('A reply', { exact: true }).last().waitFor();
    await expectAccessible(page, `a rich conversation in ${colorScheme}`);
    await context.close();
  },
);

it('a device without capabilities is offered no change, and a change that it cannot carry out says why', async () => {
  const line = await pairedInbox(homing, '+14155550100');
  await line.receive({ from: '+14155550171', text: 'From the line' });
  const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, { path: '/inbox' });
  await page.locator('a').filter({ hasText: 'From the line' }).click();
  const row = rowOf(page, 'From the line');
  await openMenu(row);
  await page.getByRole('menuitem', { name: 'Show timeline' }).waitFor();
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Copy text', 'Show timeline']);
  expect(await page.getByRole('button', { name: 'Send with an effect' }).count()).toBe(0);
  await page.keyboard.press('Escape');
  line.socket.say({
    ...{ type: 'health', full_disk_access: true, automation: true, messages_running: true, signed_in: true },
    ...{ clock: new Date().toISOString(), capabilities: ['imessage', 'journal', 'reactions'] },
  });
  line.socket.say({ type: 'credit', n: 5 });
  // The changes of the action arrive while the page still reads it.
  let reads = 0;
  await page.route('**/actions/*', async (route) => {
    reads += 1;
    await wait(500);
    await route.fulfill({ response: await route.fetch() });
    reads -= 1;
  });
  await row.getByRole('button', { name: 'React', exact: true }).click();
  expect(await page.getByRole('textbox', { name: 'Emoji' }).count()).toBe(0);
  await page.getByRole('button', { name: 'Love', exact: true }).click();
  await reactionsOf(row)
    .getByRole('button', { name: /^Love: waiting for the device/ })
    .waitFor();
  const { items } = await line.socket.next('act');
  const error = { code: 'device_error', message: 'Messages did not respond.' };
  line.socket.say(reportOf(900, items[0], 'failed', { action: items[0].action, message: undefined, error }));
  const reason = page.getByText(/^The reaction was not sent: /);
  await reason.waitFor();
  await reactionsOf(row).waitFor({ state: 'detached' });
  await until('the reads of the action to end', () => reads === 0);
  await wait(500);
  expect(await reason.count()).toBe(1);
  expectNoProblems();
  await context.close();
});

it('a viewer sees reactions and has no button to change a message', async () => {
  const message = await delivered({ to: REACTS, content: 'Only to see' });
  const viewer = await signIn(homing, { role: 'viewer' });
  const { page, context } = await openDashboard(browser, homing, viewer, {
    path: `/test/inbox/${message.conversationId}`,
  });
  const row = rowOf(page, 'Only to see');
  await reactionsOf(row).getByRole('img', { name: 'Love: Ada Example' }).waitFor();
  await openMenu(row);
  await page.getByRole('menuitem', { name: 'Show timeline' }).waitFor();
  expect(await page.getByRole('menuitem').allTextContents()).toEqual(['Copy text', 'Show timeline']);
  expect(await row.getByRole('button', { name: 'React', exact: true }).count()).toBe(0);
  await context.close();
});

it('the timeline of a message names its reactions and edits', async () => {
  const message = await delivered({ to: PLAIN, content: 'Timeline' });
  await owner.post(`/test/messages/${message.id}/reactions`, { reaction: 'love' });
  const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
    path: `/test/messages/${message.id}`,
  });
  await page.getByText('Change: reaction, done').waitFor();
  expect(await page.getByText(OWN).count()).toBe(0);
  expectNoProblems();
  await context.close();
});
