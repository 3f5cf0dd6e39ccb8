/** Tests the notifications of a page in the background, with a substitute for those of the system. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { openDashboard } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const ANNA = '+14155550171';

/** Records the notifications, and hides the page until `setVisible` is called. */
const SUBSTITUTE = `
  globalThis.shown = [];
  globalThis.Notification = class {
    static permission = 'granted';
    static requestPermission = async () => 'granted';
    constructor(title, options) {
      Object.assign(this, { title, ...options, isClosed: false });
      shown.push(this);
    }
    close() { this.isClosed = true; }
  };
  let isHidden = true;
  Object.defineProperty(document, 'visibilityState', { get: () => (isHidden ? 'hidden' : 'visible') });
  globalThis.setVisible = () => {
    isHidden = false;
    document.dispatchEvent(new Event('visibilitychange'));
  };
`;

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

describe('a page in the background', () => {
  it('shows a notification of an inbound message, and a click opens its conversation', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      ...{ path: '/messages', before: SUBSTITUTE },
    });
    await page.getByText('No messages yet').waitFor();
    await line.receive({ from: ANNA, text: 'Is anybody there?' });
    const count = () => page.evaluate('shown.length') as Promise<number>;
    await until('the notification', async () => (await count()) === 1);
    expect(await page.evaluate('({ title: shown[0].title, body: shown[0].body })')).toEqual({
      title: 'Anna Example',
      body: 'Is anybody there?',
    });
    await until('the number in the title', async () => /^\(1\) Messages/.test(await page.title()));
    await page.evaluate('setVisible(); shown[0].onclick()');
    await page.getByRole('log', { name: 'Messages' }).getByText('Is anybody there?').waitFor();
    await page.getByRole('heading', { name: 'Anna Example', level: 1 }).waitFor();
    expect(page.url()).toMatch(/\/dashboard\/inbox\/conv_\w+$/);
    expect(await page.evaluate('shown[0].isClosed')).toBe(true);
    await until('the title without a number', async () => /^Anna Example/.test(await page.title()));
    await page.goBack();
    await page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();

    // Visible now: the page itself shows the message.
    await line.receive({ from: ANNA, text: 'You can see this' });
    await page.getByText('You can see this').waitFor();
    expect(await count()).toBe(1);
    expectNoProblems();
    await context.close();
  });

  it('shows no notification of an own message, or when they are switched off', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      ...{ path: '/test/messages', before: SUBSTITUTE },
    });
    await page.getByText('No messages yet').waitFor();
    const body = { to: '+15005550010', content: 'Sent by me', idempotencyKey: 'notification-1' };
    await owner.post('/test/messages', body);
    await page.getByText('Sent by me').first().waitFor();
    await page.evaluate(`localStorage.setItem('homing.notifications', 'off')`);
    await owner.post('/test/messages', { ...body, to: '+15005550014', idempotencyKey: 'notification-2' });
    await page.getByText('echo: Sent by me').first().waitFor();
    expect(await page.evaluate('shown.length')).toBe(0);
    await context.close();
  });
});
