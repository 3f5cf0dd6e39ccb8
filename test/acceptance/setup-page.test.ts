/** Tests the setup page in a browser with the viewport of an iPhone, from the setup link to three completed steps. */
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../support/broker-database.ts';
import { IPHONE_AGENT, openBrowser, openDesktop, openPhone, screenshot } from '../support/browser.ts';
import { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { installSigner } from '../support/fake-mac/signing.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

describe('the setup page', () => {
  let homing: HomingProcess;
  let browser: Browser;
  let mac: FakeMac | undefined;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming();
    browser = await openBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await homing.dispose();
  });
  afterEach(async () => {
    await mac?.dispose();
    mac = undefined;
  });

  async function offered() {
    numbers += 1;
    return createSetupLink(homing, `+1415555${9000 + numbers}`);
  }

  async function connected() {
    const { number, setup_url } = await offered();
    const page = await openPhone(browser);
    await page.goto(setup_url);
    await page.getByRole('button', { name: 'Connect this iPhone' }).click();
    const token = (await page.locator('[data-copy^="dev_"]').first().getAttribute('data-copy'))!;
    const ask = async (path: string, init: RequestInit = {}) =>
      (await fetch(`${homing.url}/shortcuts/v1${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}` },
      }).then((response) => response.json())) as Record<string, string>;
    return { number, setup_url, page, token, ask };
  }

  const ticks = async (page: Page) => {
    const found = await page.locator('.tick').all();
    return Promise.all(found.map(async (tick) => (await tick.getAttribute('aria-label')) === 'done'));
  };
  const ticked = (page: Page, wanted: boolean[]) =>
    until(`ticks ${wanted.join()}`, async () => (await ticks(page)).join() === wanted.join());

  it('the setup page marks each of the three steps as done when it is completed', async () => {
    const { number, page, ask } = await connected();
    expect(page.url()).toBe(`${homing.url}/setup-shortcut`);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`${number} on this iPhone`);
    expect(await ticks(page)).toEqual([false, false, false]);
    await screenshot(page, 'setup-steps');
    await ask('/next?wait=0&run=1');
    await ticked(page, [true, false, false]);
    await ask('/check');
    await ticked(page, [true, true, false]);
    expect(await page.locator('#finished').isVisible()).toBe(false);
    const client = clientFor(homing.url, homing.liveKey);
    await client.post('/v1/messages/send', { from: number, to: '+14155550100', content: 'hi' });
    const { id } = await ask('/next?wait=5&run=1');
    await ask('/report', { method: 'POST', body: JSON.stringify({ id, status: 'sent' }) });
    await ticked(page, [true, true, true]);
    expect(await page.locator('#finished').isVisible()).toBe(true);
    await screenshot(page, 'setup-finished');
    // Wider content would need horizontal scrolling.
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await page.reload();
    expect(await ticks(page)).toEqual([true, true, true]);
  });

  it('opening the setup link shows the number and does not use up the link', async () => {
    const { number, setup_url } = await offered();
    const page = await openPhone(browser);
    for (const _ of [1, 2]) {
      await page.goto(setup_url);
      expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`Connect ${number}`);
    }
    expect(await page.locator('.effort').textContent()).toMatch(
      /Without a Mac: \d+ actions by hand, about \d+ minutes/,
    );
    const [effort, button] = await Promise.all(
      [page.locator('.effort'), page.getByRole('button')].map((one) => one.boundingBox()),
    );
    expect(effort!.y + effort!.height).toBeLessThan(button!.y);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await screenshot(page, 'setup-link');
  });

  it('the setup page keeps the token out of URLs, and a second phone gets 410 for a used link', async () => {
    const { setup_url, page, token } = await connected();
    expect(page.url()).not.toContain('dev_');
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({
      value: token,
      httpOnly: true,
      sameSite: 'Strict',
      path: '/setup-shortcut',
    });
    // The first phone can open the link again.
    await page.goto(setup_url);
    expect(page.url()).toBe(`${homing.url}/setup-shortcut`);
    const other = await openPhone(browser);
    const response = await other.goto(setup_url);
    expect(response?.status()).toBe(410);
    expect(await other.locator('p').textContent()).toContain('was used already');
    await screenshot(other, 'setup-used-link');
    expect(await other.locator('body').textContent()).toContain('npx homing pair +1…');
    expect(await other.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    const withoutCookie = await other.goto(`${homing.url}/setup-shortcut`);
    expect(withoutCookie?.status()).toBe(404);
    const fresh = await offered();
    const code = new URL(fresh.setup_url).searchParams.get('token')!;
    const forged = await fetch(`${homing.url}/setup-shortcut/recipes/send`, {
      headers: { cookie: `homing_setup=${code}` },
    });
    expect(forged.status).toBe(404);
  });

  it('a computer shows the link as a QR code and cannot use it', async () => {
    const { number, setup_url } = await offered();
    const desktop = await openDesktop(browser);
    await desktop.goto(setup_url);
    expect(await desktop.getByRole('heading', { level: 1 }).textContent()).toBe(
      `Open this on the iPhone with ${number}`,
    );
    expect(await desktop.locator('svg path').count()).toBeGreaterThan(0);
    expect(await desktop.getByRole('button').count()).toBe(0);
    expect(await desktop.locator('pre').first().textContent()).toContain('npx homing relay pair');
    await screenshot(desktop, 'setup-link-desktop');
    const url = `${homing.url}/setup-shortcut`;
    const token = new URL(setup_url).searchParams.get('token')!;
    const submit = (agent: string, body: Record<string, string>) =>
      fetch(url, {
        method: 'POST',
        headers: { 'user-agent': agent },
        body: new URLSearchParams({ token, ...body }),
        redirect: 'manual',
      });
    const macAgent = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1.15';
    for (const [status, agent, body] of [
      [403, macAgent, { number }],
      [400, IPHONE_AGENT, {}],
      [400, IPHONE_AGENT, { number: '+14155550000' }],
    ] as const) {
      const rejected = await submit(agent, body as Record<string, string>);
      expect([rejected.status, rejected.headers.get('set-cookie')]).toEqual([status, null]);
      expect(await rejected.text()).toContain('The link was not used');
    }
    const accepted = await submit(IPHONE_AGENT, { number });
    expect(accepted.status).toBe(303);
    expect(accepted.headers.get('set-cookie')).toContain('homing_setup=dev_');
  });

  it('the form of another site cannot connect the phone', async () => {
    const { setup_url, number } = await offered();
    const body = new URLSearchParams({ token: new URL(setup_url).searchParams.get('token')! });
    const url = `${homing.url}/setup-shortcut`;
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: homing.url, 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
    ]) {
      const rejected = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
      expect([rejected.status, rejected.headers.get('set-cookie')]).toEqual([403, null]);
    }
    // The link still works on the page itself.
    const page = await openPhone(browser);
    await page.goto(setup_url);
    await page.getByRole('button', { name: 'Connect this iPhone' }).click();
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(`${number} on this iPhone`);
  });

  it('an expired setup link returns 410 and cannot be redeemed', async () => {
    const { setup_url } = await offered();
    await rowsOf(homing, 'UPDATE pairings SET expires_at = 1 WHERE redeemed_at IS NULL');
    const page = await openPhone(browser);
    const response = await page.goto(setup_url);
    expect(response?.status()).toBe(410);
    expect(await page.locator('p').textContent()).toContain(
      'older than 15 minutes. Run `homing pair` for a new one.',
    );
    const body = new URLSearchParams({ token: new URL(setup_url).searchParams.get('token')! });
    expect((await fetch(`${homing.url}/setup-shortcut`, { method: 'POST', body })).status).toBe(410);
  });

  it('the copy button of the setup page selects the token', async () => {
    const { page, token } = await connected();
    await page.locator('.copy', { hasText: token }).getByRole('button').click();
    await until(
      'the button to change to Copied',
      async () => (await page.getByRole('button', { name: 'Copied' }).count()) === 1,
    );
    // This browser has no readable clipboard. The page selects the text that it copies.
    expect(await page.evaluate('getSelection().toString()')).toBe(token);
  });

  it('the link page counts the actions of the recipes, and the pages contain no emoji', async () => {
    const { setup_url } = await offered();
    const unused = await openPhone(browser);
    await unused.goto(setup_url);
    const shown = Number(/(\d+) actions/.exec((await unused.locator('.effort').textContent()) ?? '')?.[1]);
    const { page } = await connected();
    const EMOJI = /\p{Extended_Pictographic}/u;
    expect(await unused.content()).not.toMatch(EMOJI);
    expect(await page.content()).not.toMatch(EMOJI);
    expect(await page.locator('svg path').count()).toBeGreaterThan(5);
    let actions = 0;
    for (const slug of ['send', 'receive', 'check']) {
      await page.goto(`${homing.url}/setup-shortcut/recipes/${slug}`);
      actions += await page.locator('ol.actions > li').count();
      expect(await page.content()).not.toMatch(EMOJI);
    }
    expect(shown).toBe(actions);
  });

  it.each([
    ['send', 'Homing Send'],
    ['receive', 'Homing Receive'],
    ['check', 'Homing Check'],
  ])('the setup page lists the actions of the %s shortcut if no Mac is paired', async (slug, name) => {
    const { page, token } = await connected();
    await page.getByRole('link', { name: `Build ${name}` }).click();
    expect(page.url()).toBe(`${homing.url}/setup-shortcut/recipes/${slug}?edition=ios-16`);
    expect(await page.locator('ol.actions > li').count()).toBeGreaterThan(5);
    expect(await page.getByText('Get Contents of URL').count()).toBeGreaterThan(0);
    expect(await page.locator('body').textContent()).toContain(token);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await screenshot(page, `setup-recipe-${slug}`);
  });

  it('the setup page offers shortcuts that a paired Mac signed once, even after the Mac disconnects', async () => {
    const { token: macToken } = await offered();
    mac = new FakeMac({ url: homing.url, token: macToken });
    const signer = await installSigner(mac.folder, { macos: 27 });
    mac.start({ env: { HOMING_RELAY_SHORTCUTS: signer.shortcuts, PATH: signer.path } });
    await until('the Mac to be connected', () => mac!.stderr().includes('Connected to'));
    const { setup_url } = await offered();
    const unused = await openPhone(browser);
    await unused.goto(setup_url);
    expect(await unused.locator('.effort').textContent()).toMatch(
      /About 2 minutes: the 3 shortcuts are signed/,
    );
    const { page } = await connected();
    expect(await ticks(page)).toEqual([false, false, false]);
    await screenshot(page, 'setup-steps-with-mac');
    const download = async () => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('link', { name: 'Add Homing Send' }).click(),
      ]);
      return { name: file.suggestedFilename(), bytes: readFileSync(await file.path()) };
    };
    const first = await download();
    expect(first.name).toBe('Homing Send.shortcut');
    expect(first.bytes.subarray(0, 4).toString('latin1')).toBe('AEA1');
    await mac.end();
    expect((await download()).bytes.equals(first.bytes)).toBe(true);
    expect(signer.count()).toBe(1);
  });
});
