/** Tests the contacts in a real browser: adding, importing, searching, opting out and erasing. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, PHONE, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const OWN_NUMBER = '+14155550100';
const FILE = [
  'Phone number,First name,Last name,City',
  '+14155550601,Ada,Byron,London',
  'nobody,Carol,Smith,Rome',
  '+14155550602,Bob,Ross,Daytona',
].join('\n');

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

const title = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true });

function openContacts(path = '', options: Parameters<typeof openDashboard>[3] = {}, member = owner) {
  return openDashboard(browser, homing, member, { ...options, path: `/contacts${path}` });
}

/** Creates a contact and returns its id. */
async function addContact(handle: string, name: string, customFields = {}): Promise<string> {
  const { status, body, text } = await owner.post('/live/contacts', { handle, name, customFields });
  expect(status, text).toBe(201);
  return body.id;
}

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
])('a contact on %s', (_name, viewport) => {
  const handle = `+1415555${viewport.width === DESKTOP.width ? '0711' : '0712'}`;
  const shown = handle.replace(/\+1(\d{3})(\d{3})(\d{4})/, '+1 $1 $2 $3');
  const name = `Maya ${viewport.width}`;

  it('is added from a conversation, found by a search, and changed', async () => {
    await line.receive({ from: handle, text: 'Do you ship to Canada?' });
    const { page, context, expectNoProblems } = await openContacts(`?new=${encodeURIComponent(handle)}`, {
      viewport,
    });
    const dialog = page.getByRole('dialog', { name: 'Add contact' });
    expect(await dialog.getByLabel(/^Number/).inputValue()).toBe(handle);
    await dialog.getByLabel('Name').fill(name);
    await page.keyboard.press('Enter');
    await title(page, name).waitFor();
    await page.getByRole('list', { name: 'Conversations' }).getByText('1 message, 1 unread').waitFor();

    await page.getByRole('button', { name: 'Add field' }).click();
    await page.getByRole('combobox', { name: 'Name of the new field' }).fill('city');
    await page.getByLabel('Value of the new field').fill('Gothenburg');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('The contact is saved.').waitFor();
    expect(await page.getByRole('textbox', { name: 'city' }).inputValue()).toBe('Gothenburg');
    await page.getByRole('button', { name: 'Remove the field city' }).click();
    await page.getByRole('button', { name: 'Discard changes' }).click();
    expect(await page.getByRole('textbox', { name: 'city' }).inputValue()).toBe('Gothenburg');

    await page.getByRole('link', { name: 'All contacts' }).click();
    await page.getByRole('textbox', { name: 'Search contacts' }).fill('nothing like this');
    await page.getByText('No contact matches').waitFor();
    await page.getByRole('textbox', { name: 'Search contacts' }).fill(String(viewport.width));
    await page.getByRole('link', { name: new RegExp(name) }).click();
    await title(page, name).waitFor();
    expectNoProblems();
    await page.getByRole('link', { name: 'New message' }).click();
    await until('the recipient', async () =>
      (await page.getByRole('combobox', { name: 'To' }).inputValue()).includes(handle),
    );
    await context.close();
  });

  it('opts out and in again, and is erased with its messages', async () => {
    const { page, context, expectNoProblems } = await openContacts('', { viewport });
    await page.getByRole('link', { name: new RegExp(name) }).click();
    await page.getByRole('switch', { name: 'Opted out' }).click();
    await page.getByText('Recorded by a member').waitFor();
    await page.getByRole('link', { name: 'All contacts' }).click();
    await page.getByRole('link', { name: 'Opt-outs' }).click();
    await page.getByRole('button', { name: `Remove the opt-out of ${shown}` }).click();
    await page.getByRole('button', { name: 'Remove opt-out', exact: true }).click();
    await page.getByText('No recipient opted out').waitFor();

    await page.getByRole('link', { name: 'All contacts' }).click();
    await page.getByRole('link', { name: new RegExp(name) }).click();
    await page.getByRole('button', { name: 'Erase all data' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('button', { name: 'Erase all data' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Type/).fill(handle);
    await expectAccessible(page, 'the dialog of an erasure');
    await dialog.getByRole('button', { name: 'Erase all data' }).click();
    await title(page, 'Contacts').waitFor();
    await page.getByRole('link', { name: new RegExp(name) }).waitFor({ state: 'hidden' });
    await until('the messages to be erased', async () => {
      const { body } = await owner.get(`/live/messages?recipient=${encodeURIComponent(handle)}`);
      return body.messages.length === 0;
    });
    expectNoProblems();
    await context.close();
  });
});

describe('an opt-out', () => {
  it('by a reply is shown with the word of the recipient', async () => {
    const id = await addContact('+14155550721', 'Sam Ortega');
    await line.receive({ from: '+14155550721', text: 'STOP' });
    const { page, context } = await openContacts(`/${id}`);
    await page.getByText('Replied “STOP”').waitFor();
    expect(await page.getByRole('link', { name: 'New message' }).count()).toBe(0);
    await page.getByRole('switch', { name: 'Opted out' }).click();
    await page.getByRole('dialog', { name: 'Write to Sam Ortega again?' }).waitFor();
    await page.getByRole('button', { name: 'Keep' }).click();
    expect(await page.getByRole('switch', { name: 'Opted out' }).isChecked()).toBe(true);
    await context.close();
  });

  it('is added with a note', async () => {
    const { page, context, expectNoProblems } = await openContacts('/opt-outs');
    await page.getByRole('button', { name: 'Add opt-out' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add opt-out' });
    await dialog.getByLabel(/^Number/).fill('+1 415 555 0722');
    await dialog.getByLabel(/^Note/).fill('Asked by phone');
    await page.keyboard.press('Enter');
    await page.getByRole('row', { name: /\+1 415 555 0722 Asked by phone/ }).waitFor();
    expectNoProblems();
    await context.close();
  });
});

describe('a file', () => {
  it('is previewed with its columns and skipped lines, imported, and exported', async () => {
    const { page, context, expectNoProblems } = await openContacts();
    await page.getByRole('button', { name: 'Import and export' }).click();
    await page.getByRole('menuitem', { name: 'Import from CSV' }).click();
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a file' }).click();
    const file = { name: 'customers.csv', mimeType: 'text/csv', buffer: Buffer.from(FILE) };
    await (await choosing).setFiles(file);
    await page.getByRole('heading', { name: 'customers.csv' }).waitFor();
    await page.getByText('2 contacts to import, 1 line to skip.').waitFor();
    expect(await page.getByRole('columnheader').allInnerTexts()).toEqual([
      'Phone number\nNumber or address',
      'First name\nFirst name',
      'Last name\nLast name',
      'City\nCustom field city',
    ]);
    await page.getByText("Line 3'nobody' is not a phone number").waitFor();
    await expectAccessible(page, 'the preview of an import');
    await page.getByRole('button', { name: 'Import 2 contacts' }).click();
    await page.getByRole('heading', { name: 'Skipped lines' }).waitFor();
    await page.getByText('Line 3').waitFor();
    await page.getByRole('link', { name: 'Show contacts' }).click();
    await page.getByRole('link', { name: 'Ada Byron' }).waitFor();

    await page.getByRole('button', { name: 'Import and export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'Export as CSV' }).click(),
    ]);
    const exported = readFileSync(await download.path(), 'utf8');
    expect(exported).toContain('+14155550602,Bob Ross,,false');
    expectNoProblems();
    await context.close();
  });

  it('without a column for the number is rejected with the reason', async () => {
    const { page, context } = await openContacts('/import');
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a file' }).click();
    const file = { name: 'names.csv', mimeType: 'text/csv', buffer: Buffer.from('Name\nAda\n') };
    await (await choosing).setFiles(file);
    await page.getByRole('alert').getByText('phone_number').waitFor();
    await context.close();
  });
});

describe('contacts', () => {
  it('are restored by undo after a deletion', async () => {
    const id = await addContact('+14155550731', 'Lena Hoffmann', { city: 'Berlin' });
    const { page, context, expectNoProblems } = await openContacts(`/${id}`);
    await page.getByRole('button', { name: 'Delete contact' }).click();
    await page.getByText('Lena Hoffmann is deleted. The messages stay.').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Lena Hoffmann' }).click();
    expect(await page.getByRole('textbox', { name: 'city' }).inputValue()).toBe('Berlin');
    expectNoProblems();
    await context.close();
  });

  it('load further pages', async () => {
    const rows = Array.from({ length: 60 }, (_, index) => `+1415556${1000 + index},Zoe ${1000 + index}`);
    await owner.request('POST', '/live/contacts/import', {
      body: ['phone_number,name', ...rows].join('\n'),
      headers: { 'content-type': 'text/csv' },
    });
    const { page, context } = await openContacts('?search=Zoe');
    await page.getByRole('link', { name: 'Zoe 1049' }).waitFor();
    expect(await page.getByRole('link', { name: 'Zoe 1059' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByRole('link', { name: 'Zoe 1059' }).waitFor();
    await context.close();
  });

  it('show a viewer no control to change them', async () => {
    const id = await addContact('+14155550741', 'Claire Dubois', { city: 'Paris' });
    const viewer = await signIn(homing, { role: 'viewer' });
    const { page, context, expectNoProblems } = await openContacts('?search=Claire', {}, viewer);
    await page.getByRole('link', { name: 'Claire Dubois' }).click();
    await page.getByText('Paris').waitFor();
    expect(page.url()).toContain(id);
    expect(await page.getByRole('main').getByRole('button').count()).toBe(0);
    expect(await page.getByRole('main').getByRole('textbox').count()).toBe(0);
    expect(await page.getByRole('switch').count()).toBe(0);
    expectNoProblems();
    await context.close();
  });
});

describe('the layout', () => {
  const openEach = async (page: Page, check: (what: string) => Promise<void>) => {
    await page.getByRole('link', { name: /Pat Layout/ }).waitFor();
    await check('contacts');
    await page.getByRole('link', { name: /Pat Layout/ }).click();
    await title(page, 'Pat Layout').waitFor();
    await check('one contact');
    await page.getByRole('link', { name: 'All contacts' }).click();
    await page.getByRole('link', { name: 'Opt-outs' }).click();
    await page.getByRole('button', { name: 'Remove the opt-out of +1 415 555 0751' }).waitFor();
    await check('opt-outs');
  };
  beforeAll(async () => {
    await addContact('+14155550751', 'Pat Layout', { city: 'Bonn', customer_number_of_the_shop: '4711' });
    await owner.post('/live/opt-outs', { handle: '+14155550751' });
  });

  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const { page, context } = await openContacts('?search=Pat', { colorScheme });
    await openEach(page, (what) => expectAccessible(page, `${what} in ${colorScheme}`));
    await context.close();
  });

  it.each([PHONE, SMALL_PHONE])('fits in $width px', async (viewport) => {
    const { page, context } = await openContacts('?search=Pat', { viewport });
    await openEach(page, async () => {
      const widths = "[document.documentElement.scrollWidth, document.getElementById('content').scrollWidth]";
      expect(await page.evaluate(widths)).toEqual([viewport.width, viewport.width]);
    });
    await expectAccessible(page, `opt-outs at ${viewport.width} px`);
    await context.close();
  });
});
