/** Tests signing in to the dashboard in a real browser, as at the first start. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { dashboardClient, signIn, tokenIn } from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';

const PASSWORD = 'correct horse battery';

let homing: HomingProcess;
let browser: Browser;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

async function signInLink(...args: string[]): Promise<string> {
  const { json, stderr, status } = await homing.cli('dashboard', '--json', ...args);
  expect(status, stderr).toBe(0);
  return json[0].url;
}

/** Sets the password of a member by a new link, which signs in and ends the other sessions. */
async function setPassword(email: string): Promise<{ cookie: string }> {
  const token = new URL(await signInLink('--email', email)).hash.slice('#token='.length);
  const response = await dashboardClient(homing.url).post('/sign-in/link', { token, password: PASSWORD });
  expect(response.status, response.text).toBe(200);
  return { cookie: `homing=${tokenIn(response)}` };
}

describe.each([
  ['a computer', DESKTOP],
  ['a phone', PHONE],
])('the first sign-in on %s', (name, viewport) => {
  it('sets a password by the link, signs out, and signs in with the password', async () => {
    const account = `first-${viewport.width}`;
    const created = await homing.cli('accounts', 'create', account);
    expect(created.status, created.stderr).toBe(0);
    const link = await signInLink('--account', account);
    const { page, problems } = await openDashboard(browser, homing, undefined, { viewport });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(link);
    await page.getByRole('heading', { name: `Welcome to ${account}` }).waitFor();
    expect(page.url()).not.toContain('token=');
    await expectAccessible(page, `sign-in link on ${name}`);
    await page.getByLabel('Name').fill('Robin Doe');
    await page.getByLabel('E-mail address').fill(`robin@${account}.example`);
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();

    const menu = viewport === PHONE ? 'More views' : 'Robin Doe: account menu';
    await page.getByRole('button', { name: menu }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail address').fill(`robin@${account}.example`);
    await page.getByLabel(/^Password/).fill('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('navigation', { name: 'Views' }).waitFor();

    await page.goto(link);
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toMatch(/used|expired/);
    // The browser reports the responses with 4xx: no session, the wrong password and the used link.
    expect(problems.filter((problem) => !problem.startsWith('Failed to load resource'))).toEqual([]);
    await page.context().close();
  });
});

describe('a new member at a host name', () => {
  it('is offered a passkey after the password, and can continue without one', async () => {
    const account = 'with-passkey';
    expect((await homing.cli('accounts', 'create', account)).status).toBe(0);
    const atName = { url: homing.url.replace('127.0.0.1', 'localhost') };
    const link = (await signInLink('--account', account)).replace('127.0.0.1', 'localhost');
    const { page, context } = await openDashboard(browser, atName, undefined, { viewport: PHONE });
    await page.goto(link);
    await page.getByLabel('Name').fill('Robin Doe');
    await page.getByLabel('E-mail address').fill('robin@passkey.example');
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('heading', { name: 'Add a passkey?' }).waitFor();
    await expectAccessible(page, 'the offer of a passkey');
    await page.getByRole('button', { name: 'Not now' }).click();
    await page.getByRole('navigation', { name: 'Views' }).waitFor();
    await context.close();
  });
});

describe('the sign-in page', () => {
  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const { page } = await openDashboard(browser, homing, undefined, { colorScheme });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await expectAccessible(page, `sign-in in ${colorScheme}`);
    await page.context().close();
  });

  it('returns to a deep link after signing in', async () => {
    const email = 'deep@example.com';
    await signIn(homing, { email });
    await setPassword(email);
    const { page } = await openDashboard(browser, homing, undefined, { path: '/messages' });
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel(/^Password/).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
    await page.context().close();
  });
});

describe('a session that ends', () => {
  it('keeps the page and the draft, and asks for the password in a dialog', async () => {
    const email = 'ends@example.com';
    await signIn(homing, { email, name: 'Kim Doe' });
    const member = await setPassword(email);
    const { page } = await openDashboard(browser, homing, member, { path: '/inbox/new' });
    await page.getByRole('combobox', { name: 'To' }).fill('+14155550123');
    await page.getByLabel('Message', { exact: true }).fill('A text that must not be lost');
    await page.context().clearCookies();
    await page.getByRole('combobox', { name: 'To' }).fill('+14155550124');
    const dialog = page.getByRole('dialog', { name: 'Sign in again' });
    await dialog.waitFor();
    await dialog.getByLabel(/^Password/).fill(PASSWORD);
    await dialog.getByRole('button', { name: 'Sign in', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect(await page.getByLabel('Message', { exact: true }).inputValue()).toBe(
      'A text that must not be lost',
    );
    await page.context().close();
  });
});
