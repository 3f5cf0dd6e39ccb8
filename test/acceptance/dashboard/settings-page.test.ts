/** Tests the settings in a real browser: members, sessions, passkeys, backups and saved replies. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import {
  type DashboardClient,
  dashboardClient,
  newSignInLink,
  signIn,
  tokenIn,
} from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, PHONE, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { until } from '../../support/until.ts';

const PASSWORD = 'correct horse battery';
const AUTHENTICATOR = {
  protocol: 'ctap2',
  transport: 'internal',
  hasResidentKey: true,
  hasUserVerification: true,
  isUserVerified: true,
  automaticPresenceSimulation: true,
} as const;
const PARTS = [
  ['account', 'Account'],
  ['members', 'Members'],
  ['security', 'Security'],
  ['notifications', 'Notifications'],
  ['saved-replies', 'Saved replies'],
  ['custom-fields', 'Custom fields'],
  ['templates', 'WhatsApp templates'],
  ['retention', 'Retention'],
  ['backups', 'Backups'],
  ['audit', 'Audit log'],
  ['about', 'About'],
] as const;

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe', email: 'robin@example.com' });
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const title = (page: Page, name: string) => page.getByRole('heading', { name, level: 1, exact: true });

/** Opens a part of the settings. */
async function openPart(
  member: DashboardClient,
  path: string,
  options: Parameters<typeof openDashboard>[3] = {},
) {
  return openDashboard(browser, homing, member, { ...options, path: `/settings/${path}` });
}

async function fitsIn(page: Page, width: number) {
  const widths = await page.evaluate(
    "[document.documentElement.scrollWidth, document.getElementById('content').scrollWidth]",
  );
  expect(widths).toEqual([width, width]);
}

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
])('members on %s', (_name, viewport) => {
  it('an invited viewer signs in by the link and has no control to change anything', async () => {
    const { page, context, expectNoProblems } = await openPart(owner, 'members', { viewport });
    await page.getByRole('button', { name: 'Invite' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/^Name/).fill(`Kim ${viewport.width}`);
    await dialog.getByLabel('Viewer').check();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Send this link' }).waitFor();
    const link = (await dialog.locator('code').textContent()) ?? '';
    expect(link).toContain('#token=');
    await expectAccessible(page, 'the link of an invitation');
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByText(`Kim ${viewport.width}`).waitFor();
    expect(await page.getByText('#token=').count()).toBe(0);

    const guest = await openDashboard(browser, homing, undefined, { viewport });
    await guest.page.goto(link);
    await guest.page.getByLabel('Name').fill(`Kim Park ${viewport.width}`);
    await guest.page.getByLabel('E-mail address').fill(`kim-${viewport.width}@example.com`);
    await guest.page.getByLabel(/^Password/).fill(PASSWORD);
    await guest.page.getByRole('button', { name: 'Start' }).click();
    await guest.page.getByRole('navigation', { name: 'Views' }).waitFor();
    await guest.page.goto(`${homing.url}/dashboard/settings/members`);
    await guest.page.getByText(`kim-${viewport.width}@example.com`).waitFor();
    for (const control of ['Invite', /^Remove/, /^Revoke/])
      expect(await guest.page.getByRole('button', { name: control }).count()).toBe(0);
    expect(await guest.page.getByRole('textbox').count()).toBe(0);
    expect(await guest.page.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
    await guest.page.goto(`${homing.url}/dashboard/settings/saved-replies`);
    await title(guest.page, 'Saved replies').waitFor();
    await guest.page.getByText('No saved reply').waitFor();
    expect(await guest.page.getByRole('button', { name: 'New saved reply' }).count()).toBe(0);

    // The page of the owner shows the new member without a reload.
    await page.getByText(`kim-${viewport.width}@example.com`).waitFor();
    await page.getByRole('button', { name: `Remove Kim Park ${viewport.width}` }).click();
    await page.getByRole('button', { name: 'Remove member' }).click();
    await page.getByText(`kim-${viewport.width}@example.com`).waitFor({ state: 'hidden' });
    await guest.page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    expectNoProblems();
    await Promise.all([context.close(), guest.context.close()]);
  });
});

describe('members', () => {
  it('change their role, which can be undone', async () => {
    await signIn(homing, { role: 'viewer', name: 'Sam Ortega', email: 'sam@example.com' });
    const { page, context } = await openPart(owner, 'members');
    const role = page.getByRole('combobox', { name: 'Role of Sam Ortega' });
    await role.click();
    await page.getByRole('option', { name: 'Member' }).click();
    await page.getByText('Sam Ortega is now member.').waitFor();
    await until('the role', async () => (await role.inputValue()) === 'Member');
    await page.getByRole('button', { name: 'Undo' }).click();
    await until('the earlier role', async () => (await role.inputValue()) === 'Viewer');
    await context.close();
  });

  it('shows an invitation until it is revoked', async () => {
    await owner.post('/invitations', { role: 'owner', label: 'Former colleague' });
    const { page, context } = await openPart(owner, 'members');
    await page.getByRole('button', { name: 'Revoke the invitation for Former colleague' }).click();
    await page.getByText('Former colleague').waitFor({ state: 'hidden' });
    await context.close();
  });
});

describe('sessions', () => {
  it('a page is signed out when its session is ended in another browser', async () => {
    const email = 'two-browsers@example.com';
    const first = await signIn(homing, { email });
    const token = await newSignInLink(homing, { email });
    const response = await dashboardClient(homing.url).request('POST', '/sign-in/link', {
      body: { token },
      headers: {
        'user-agent': 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0',
      },
    });
    expect(response.status, response.text).toBe(200);
    const other = await openDashboard(
      browser,
      homing,
      { cookie: `homing=${tokenIn(response)}` },
      { path: '/inbox' },
    );
    await other.page.getByRole('navigation', { name: 'Views' }).waitFor();

    const { page, context } = await openPart(first, 'security');
    await page.getByText('This browser').waitFor();
    await page.getByRole('button', { name: 'End the session of Firefox on Windows' }).click();
    await other.page.getByRole('dialog', { name: 'Sign in again' }).waitFor();
    await page.getByText('Firefox on Windows', { exact: true }).waitFor({ state: 'hidden' });
    expect(await page.getByRole('button', { name: 'End all others' }).count()).toBe(0);
    await Promise.all([context.close(), other.context.close()]);
  });

  it('a new password ends the other sessions', async () => {
    const email = 'new-password@example.com';
    const earlier = await signIn(homing, { email });
    const body = { token: await newSignInLink(homing, { email }), password: PASSWORD };
    const signedIn = await dashboardClient(homing.url).post('/sign-in/link', body);
    const current = { ...earlier, cookie: `homing=${tokenIn(signedIn)}` };
    const { page, context } = await openPart(current, 'security');
    await page.getByLabel('Current password').fill('not the password');
    await page.getByLabel('New password').fill('a longer new password');
    await page.keyboard.press('Enter');
    await page.getByText('The current password is wrong.').waitFor();
    await page.getByLabel('Current password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByText('The password is changed. Your other sessions have ended.').waitFor();
    expect((await earlier.get('/session')).status).toBe(401);
    await context.close();
  });
});

describe('a passkey', () => {
  it('is added, signs in, and is removed', async () => {
    // An IP address has no passkeys.
    const url = homing.url.replace('127.0.0.1', 'localhost');
    const member = await signIn(homing, { email: 'passkey@example.com' });
    const { page, context, expectNoProblems } = await openDashboard(browser, { url }, member, {
      path: '/settings/security',
    });
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', { options: AUTHENTICATOR });
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel(/^Name/).fill('My Mac');
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Passkeys' }).getByText('My Mac').waitFor();
    expectNoProblems();

    await context.clearCookies();
    await page.goto(`${url}/dashboard/settings/security`);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await title(page, 'Security').waitFor();
    await page
      .getByText(/last used/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Remove My Mac' }).click();
    await page.getByRole('button', { name: 'Remove passkey' }).click();
    await page.getByText('You have no passkey.').waitFor();
    await context.close();
  });

  it('is not offered at an IP address, and the page names the address to open', async () => {
    const { page, context } = await openPart(owner, 'security');
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('alert').getByText(homing.url.replace('127.0.0.1', 'localhost')).waitFor();
    await context.close();
  });
});

describe('backups', () => {
  it('are written, downloaded and deleted', async () => {
    const { page, context, expectNoProblems } = await openPart(owner, 'backups');
    await page.getByText('No backup yet').waitFor();
    await page.getByRole('button', { name: 'Back up now' }).click();
    const link = page.getByRole('link', { name: /^Download homing-/ });
    await link.waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    expect(
      readFileSync(await download.path())
        .subarray(0, 15)
        .toString(),
    ).toBe('SQLite format 3');
    await page.getByRole('button', { name: /^Delete homing-/ }).click();
    await page.getByRole('button', { name: 'Delete backup' }).click();
    await page.getByText('No backup yet').waitFor();
    expectNoProblems();
    await context.close();
  });
});

describe('saved replies', () => {
  it('are created with a merge field, edited, deleted, and restored by undo', async () => {
    const { page, context, expectNoProblems } = await openPart(owner, 'saved-replies');
    await page.getByRole('button', { name: 'New saved reply' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Title').fill('Opening hours');
    await dialog.getByLabel('Text').fill('Hello ');
    await dialog.getByRole('button', { name: 'contact.first_name' }).click();
    await expectAccessible(page, 'the dialog of a saved reply');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Hello {{contact.first_name}}').waitFor();

    const menu = page.getByRole('button', { name: 'Menu of Opening hours' });
    await menu.click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog.getByLabel('Text').fill('We open at 9:00.');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('We open at 9:00.').waitFor();
    await menu.click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByText('No saved reply').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('We open at 9:00.').waitFor();
    expectNoProblems();
    await context.close();
  });
});

describe('notifications', () => {
  it('says what to do when the browser has blocked them', async () => {
    const { page, context } = await openPart(owner, 'notifications');
    await page.getByText('The browser blocks notifications').waitFor();
    expect(await page.getByRole('switch').isDisabled()).toBe(true);
    await context.close();
  });

  it('stay off in this browser after a reload', async () => {
    const { page, context } = await openPart(owner, 'about');
    // Chromium without a screen denies the permission always.
    await context.addInitScript(
      "Object.defineProperty(Notification, 'permission', { get: () => 'granted' })",
    );
    await page.goto(`${homing.url}/dashboard/settings/notifications`);
    const control = page.getByRole('switch');
    await control.waitFor();
    expect(await control.isChecked()).toBe(true);
    await control.click();
    await until('the switch to be off', async () => !(await control.isChecked()));
    await page.reload();
    await control.waitFor();
    expect(await control.isChecked()).toBe(false);
    await context.close();
  });
});

describe('the audit log', () => {
  it('says in plain words who did what', async () => {
    await owner.post('/live/opt-outs', { handle: '+14155550142' });
    const { page, context } = await openPart(owner, 'audit');
    const row = page.getByRole('row', { name: /Opted out \+1 415 555 0142/ });
    await row.getByText('Robin Doe').waitFor();
    await owner.delete('/live/opt-outs/+14155550142');
    await page.getByText('Removed the opt-out of +1 415 555 0142').waitFor();
    await context.close();
  });

  it('loads earlier entries, and then does not move', async () => {
    const handles = Array.from({ length: 55 }, (_, index) => `+1415557${1000 + index}`);
    for (const handle of handles) await owner.post('/live/opt-outs', { handle });
    const { page, context } = await openPart(owner, 'audit');
    await page.getByText('+1 415 557 1054').waitFor();
    expect(await page.getByText('+1 415 557 1000').count()).toBe(0);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.getByText('+1 415 557 1000').waitFor();
    // The other list of the page shows when the change has arrived.
    const other = await context.newPage();
    await other.goto(`${homing.url}/dashboard/settings/audit`);
    await other.getByText('+1 415 557 1054').waitFor();
    await owner.post('/live/opt-outs', { handle: '+14155571099' });
    await other.getByText('+1 415 557 1099').waitFor();
    expect(await page.getByText('+1 415 557 1099').count()).toBe(0);
    await context.close();
  });
});

describe('the layout', () => {
  it.each(['light', 'dark'] as const)('of each part is accessible in %s', async (colorScheme) => {
    const { page, context, expectNoProblems } = await openPart(owner, 'account', { colorScheme });
    for (const [path, name] of PARTS) {
      await page.getByRole('link', { name, exact: true }).click();
      await title(page, name).waitFor();
      expect(page.url()).toContain(`/settings/${path}`);
      await page.locator('[aria-busy]').waitFor({ state: 'hidden' });
      await expectAccessible(page, `${name} in ${colorScheme}`);
    }
    expectNoProblems();
    await context.close();
  });

  it.each([PHONE, SMALL_PHONE])('of each part fits in $width px', async (viewport) => {
    const { page, context } = await openPart(owner, '', { viewport });
    for (const [, name] of PARTS) {
      await page.getByRole('link', { name, exact: true }).click();
      await title(page, name).waitFor();
      await fitsIn(page, viewport.width);
      await page.getByRole('link', { name: 'Settings', exact: true }).click();
      await title(page, 'Settings').waitFor();
    }
    await expectAccessible(page, `the settings at ${viewport.width} px`);
    await context.close();
  });
});
