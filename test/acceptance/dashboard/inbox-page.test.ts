/** Tests the inbox in a real browser: sending, receiving, searching, and what must not be lost. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, PHONE, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';
const OWN_NUMBER = '+14155550100';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, OWN_NUMBER);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const messageField = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const HAS_LOADED_TOASTS =
  "performance.getEntriesByType('resource').some(({ name }) => /toast-area.*[.]js/.test(name))";

/** Returns the computed value of a CSS property. */
function styleOf(locator: Locator, property: string): Promise<string> {
  return locator.evaluate(
    (element, name) =>
      (globalThis as unknown as { getComputedStyle(of: unknown): { getPropertyValue(name: string): string } })
        .getComputedStyle(element)
        .getPropertyValue(name),
    property,
  );
}

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });

describe.each([
  ['a computer', DESKTOP, '+15005550020'],
  ['a phone', PHONE, '+15005550021'],
])('the inbox on %s', (_name, viewport, failing) => {
  it('sends to a new recipient, shows the delivery, and shows the answer without a reload', async () => {
    const text = `Hello from ${viewport.width} px`;
    const opened = await openDashboard(browser, homing, owner, { viewport, path: '/test/inbox' });
    const { page } = opened;
    await page.getByRole('button', { name: 'New conversation' }).first().click();
    await page.getByRole('combobox', { name: 'To' }).fill('+1 500 555 0014');
    await messageField(page).fill(text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await page.getByRole('heading', { name: '+1 500 555 0014', level: 1 }).waitFor();
    await log(page).getByText(text, { exact: true }).waitFor();
    await log(page).getByText('Delivered').first().waitFor();
    await log(page).getByText(`echo: ${text}`).waitFor();
    expect(await messageField(page).inputValue()).toBe('');
    opened.expectNoProblems();
    await opened.context.close();
  });

  it('shows why a message was not sent, and sends it again', async () => {
    const text = `Not delivered at ${viewport.width} px`;
    const { page, context } = await openDashboard(browser, homing, owner, {
      viewport,
      path: '/test/inbox/new',
    });
    await page.getByRole('combobox', { name: 'To' }).fill(failing);
    await messageField(page).fill(text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await log(page)
      .getByText(/^Not sent: /)
      .last()
      .waitFor();
    await log(page).getByRole('button', { name: 'Try again' }).last().click();
    await until('the message to be there twice', async () => (await log(page).getByText(text).count()) === 2);
    await context.close();
  });

  it('finds a message by its words and shows it in its conversation', async () => {
    const word = `zebra${viewport.width}`;
    await line.receive({ from: '+14155550171', text: `The ${word} is here` });
    const { page, context } = await openDashboard(browser, homing, owner, { viewport, path: '/inbox' });
    await page.getByRole('textbox', { name: 'Search conversations' }).fill(word);
    // The row that shows the found message, not the one of the list before the search.
    const found = page.locator('a[href*="message=msg_"]').filter({ hasText: word });
    await found.click();
    await log(page).getByText(`The ${word} is here`).waitFor();
    expect(page.url()).toMatch(/message=msg_/);
    if (viewport === PHONE) {
      await page.goBack();
      await found.waitFor();
    }
    await context.close();
  });
});

describe('several open pages', () => {
  it('both show a new message, and both become read when one opens it', async () => {
    const first = await openDashboard(browser, homing, owner, { path: '/inbox' });
    const member = await signIn(homing, { role: 'member' });
    const second = await openDashboard(browser, homing, member, { path: '/inbox' });
    await Promise.all([first, second].map(({ page }) => page.getByRole('link', { name: 'Inbox' }).waitFor()));
    await line.receive({ from: '+14155550181', text: 'For both pages' });
    const row = (page: Page) => page.getByRole('link', { name: /For both pages/ });
    await Promise.all([first, second].map(({ page }) => row(page).waitFor()));
    await until('a number in the title', async () => /^\(\d+\) Inbox/.test(await second.page.title()));
    await row(first.page).click();
    await row(second.page).and(second.page.locator(':not([data-unread])')).waitFor();
    await Promise.all([first.context.close(), second.context.close()]);
  });

  it('a viewer reads and has no field to write', async () => {
    await line.receive({ from: '+14155550182', text: 'Only to read' });
    const viewer = await signIn(homing, { role: 'viewer' });
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, viewer, {
      path: '/inbox',
    });
    await page.getByRole('link', { name: /Only to read/ }).click();
    await log(page).getByText('Only to read').waitFor();
    expect(await messageField(page).count()).toBe(0);
    expect(await page.getByRole('button', { name: 'New conversation' }).count()).toBe(0);
    expectNoProblems();
    await context.close();
  });
});

describe('drafts', () => {
  it('keeps the draft of each conversation over a reload', async () => {
    await line.receive({ from: '+14155550191', text: 'First person' });
    await line.receive({ from: '+14155550192', text: 'Second person' });
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/inbox' });
    await page.getByRole('link', { name: /First person/ }).click();
    await messageField(page).fill('For the first');
    await page.getByRole('link', { name: /Second person/ }).click();
    await page.getByRole('heading', { name: '+1 415 555 0192', level: 1 }).waitFor();
    expect(await messageField(page).inputValue()).toBe('');
    await messageField(page).fill('For the second');
    await page.reload();
    await page.getByRole('heading', { name: '+1 415 555 0192', level: 1 }).waitFor();
    expect(await messageField(page).inputValue()).toBe('For the second');
    await page.getByRole('link', { name: /Draft: For the first/ }).click();
    await page.getByRole('heading', { name: '+1 415 555 0191', level: 1 }).waitFor();
    expect(await messageField(page).inputValue()).toBe('For the first');
    await context.close();
  });
});

describe('the keyboard', () => {
  it('moves between conversations, searches, replies, lists the keys and opens the palette', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/inbox' });
    await page
      .getByRole('link', { name: /person/ })
      .first()
      .waitFor();
    await page.keyboard.press('j');
    const heading = page
      .getByRole('region', { name: 'Conversation', exact: true })
      .getByRole('heading', { level: 1 });
    await heading.waitFor();
    const name = await heading.textContent();
    await page.keyboard.press('j');
    await until('another conversation', async () => (await heading.textContent()) !== name);
    await page.keyboard.press('k');
    await until('the first conversation', async () => (await heading.textContent()) === name);
    await page.keyboard.press('/');
    await page.keyboard.type('person');
    expect(await page.getByRole('textbox', { name: 'Search conversations' }).inputValue()).toBe('person');
    await page.keyboard.press('Escape');
    await page.keyboard.press('r');
    await page.keyboard.type('j');
    expect(await messageField(page).inputValue()).toContain('j');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByPlaceholder('Search views, actions and conversations').waitFor();
    await page.keyboard.type('Messages');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
    await context.close();
  });
});

describe('texts', () => {
  it('shows a right-to-left text from the right, emoji large, and a link that opens elsewhere', async () => {
    await line.receive(
      { from: '+14155550161', text: 'שלום, אתם פתוחים?' },
      { from: '+14155550161', text: '😍🎉' },
      { from: '+14155550161', text: 'See https://example.com/a?b=c and <b>not bold</b>' },
    );
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/inbox',
    });
    await page.getByRole('link', { name: /not bold/ }).click();
    const text = log(page).getByText('שלום, אתם פתוחים?');
    await text.waitFor();
    expect(await styleOf(text, 'direction')).toBe('rtl');
    expect(await styleOf(log(page).getByText('😍🎉'), 'font-size')).toBe('40px');
    const link = log(page).getByRole('link', { name: 'https://example.com/a?b=c' });
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer');
    expectNoProblems();
    await context.close();
  });
});

describe('the layout', () => {
  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const { page, context } = await openDashboard(browser, homing, owner, { colorScheme, path: '/inbox' });
    await page
      .getByRole('link', { name: /person/ })
      .first()
      .click();
    await log(page).waitFor();
    await expectAccessible(page, `inbox in ${colorScheme}`);
    await context.close();
  });

  it('cuts nothing at 320 px', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      viewport: SMALL_PHONE,
      path: '/inbox',
    });
    await page
      .getByRole('link', { name: /person/ })
      .first()
      .waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(SMALL_PHONE.width);
    await page
      .getByRole('link', { name: /person/ })
      .first()
      .click();
    await log(page).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(SMALL_PHONE.width);
    await expectAccessible(page, 'conversation at 320 px');
    await context.close();
  });
});

// The last one: it stops the broker, which disconnects the device of the other tests.
describe('a broker that stops', () => {
  it('shows that the broker is gone, keeps the message, and sends it once when asked again', async () => {
    const text = 'Written while the broker was down';
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/test/inbox/new' });
    await page.getByRole('combobox', { name: 'To' }).fill(ECHO);
    await messageField(page).fill('Before');
    await page.keyboard.press('Enter');
    await log(page).getByText('Before', { exact: true }).waitFor();
    await until('the place of the messages to be loaded', () => page.evaluate(HAS_LOADED_TOASTS));
    await homing.stop();
    await page.getByText('No connection to the broker').waitFor();
    // The file of this dialog was not loaded before: only the dialog is missing.
    await messageField(page).blur();
    await page.keyboard.press('?');
    await page.getByRole('alert').filter({ hasText: 'could not be loaded' }).waitFor();
    await messageField(page).fill(text);
    await page.keyboard.press('Enter');
    await log(page)
      .getByText(/^Not sent: The broker does not respond/)
      .waitFor();
    const address = page.url();
    await homing.restart();
    await page.goto(address);
    await log(page).getByText(text, { exact: true }).waitFor();
    await log(page).getByRole('button', { name: 'Try again' }).last().click();
    await log(page).getByText(`echo: ${text}`).waitFor();
    const { body } = await owner.get(
      `/test/messages?recipient=${encodeURIComponent(ECHO)}&direction=outbound`,
    );
    expect(body.messages.filter(({ content }: { content: string }) => content === text)).toHaveLength(1);
    await context.close();
  });
});
