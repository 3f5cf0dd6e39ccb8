/** Tests the editions of the setup page: their choice, published links, rejected signatures, and small screens. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../support/axe.ts';
import { IOS_27_AGENT, openBrowser, openPhone, type PhoneOptions, screenshot } from '../support/browser.ts';
import { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { installSigner } from '../support/fake-mac/signing.ts';
import { type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { hello, openSocket } from '../support/raw-device.ts';
import { createSetupLink } from '../support/setup-link.ts';
import { until } from '../support/until.ts';

const CONTACT = '+14155550100';
const SHARED = 'https://files.example.com/homing';

describe('the editions of the setup page', () => {
  let homing: HomingProcess;
  let browser: Browser;
  let mac: FakeMac | undefined;
  let numbers = 0;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_SHORTCUT_RUN_SECONDS: '600' });
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

  async function offered(broker: HomingProcess) {
    numbers += 1;
    return createSetupLink(broker, `+1415555${4000 + numbers}`);
  }

  async function connected(options: PhoneOptions = {}, broker = homing) {
    const { setup_url, number } = await offered(broker);
    const page = await openPhone(browser, options);
    await page.goto(setup_url);
    await page.getByRole('button', { name: 'Connect this iPhone' }).click();
    return { page, number, setup_url };
  }

  async function pairMac(macos: 26 | 27, broker = homing) {
    const { token } = await offered(broker);
    mac = new FakeMac({ url: broker.url, token });
    const signer = await installSigner(mac.folder, { macos });
    mac.start({ env: { HOMING_RELAY_SHORTCUTS: signer.shortcuts, PATH: signer.path } });
    await until('the Mac to be connected', () => mac!.stderr().includes('Connected to'));
    return signer;
  }

  const editionShown = async (page: Page) => (await page.locator('.edition strong').textContent()) ?? '';
  const download = async (page: Page, name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: `Add ${name}` }).click(),
    ]);
    return file.suggestedFilename();
  };

  it.each([
    ['iOS 16 to 26', 'Safari on iOS 18', undefined],
    [
      'iOS 16 to 26',
      'Safari on iOS 26',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1',
    ],
    ['iOS 27 and later', 'Safari on iOS 27', IOS_27_AGENT],
    [
      'iOS 27 and later',
      'another browser that reports iOS 27',
      'Mozilla/5.0 (iPhone; CPU iPhone OS 27_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/150.0.0.0 Mobile/15E148 Safari/604.1',
    ],
  ])(
    'the setup page shows the edition for %s to %s, and links to the other one',
    async (title, _, userAgent) => {
      const { page } = await connected(userAgent === undefined ? {} : { userAgent });
      expect(await editionShown(page)).toBe(title);
      await page.getByRole('link', { name: /Show the steps for/ }).click();
      expect(await editionShown(page)).not.toBe(title);
      await page.reload();
      expect(await editionShown(page)).not.toBe(title);
    },
  );

  it('an unknown edition in the address is ignored', async () => {
    const { page } = await connected();
    await page.goto(`${homing.url}/setup-shortcut?edition=ios-99`);
    expect(await editionShown(page)).toBe('iOS 16 to 26');
  });

  it('the edition for iOS 27 asks to switch its automations on if a Mac with macOS 27 signs the files', async () => {
    // Its signed files are offered from then on, also without the Mac.
    const broker = await startHoming();
    try {
      const signer = await pairMac(27, broker);
      const { page } = await connected({ userAgent: IOS_27_AGENT }, broker);
      expect(await page.getByRole('heading', { name: '3. Switch on the automations' }).count()).toBe(1);
      for (const name of ['Homing Send', 'Homing Receive', 'Homing Check']) {
        expect(await download(page, name)).toBe(`${name}.shortcut`);
      }
      expect(signer.count()).toBe(3);
      await screenshot(page, 'setup-ios-27');
    } finally {
      await mac?.end();
      await broker.dispose();
    }
  });

  it('a file that a Mac before macOS 27 stripped of its triggers is rejected, and the other edition works', async () => {
    await pairMac(26);
    const { page } = await connected({ userAgent: IOS_27_AGENT });
    await page.getByRole('link', { name: 'Add Homing Send' }).click();
    const text = (await page.locator('body').textContent())!;
    expect(text).toContain('Homing Send was not signed');
    expect(text).toContain('Signing kept 0 of 2 triggers. A Mac before macOS 27 removes them.');
    const { status, body } = (await page.evaluate(
      "fetch('/setup-shortcut/files/receive?edition=ios-27').then(async (r) => ({ status: r.status, body: await r.text() }))",
    )) as { status: number; body: string };
    expect([status, body]).toEqual([502, expect.stringContaining('Signing kept 0 of 7 triggers.')]);
    await expectAccessible(page, 'the page of a rejected signature');
    await screenshot(page, 'setup-rejected-signature');
    await page.getByRole('link', { name: 'Show the shortcuts for iOS 16 to 26' }).click();
    expect(await page.getByRole('heading', { name: '3. Create the automations' }).count()).toBe(1);
    expect(await download(page, 'Homing Send')).toBe('Homing Send.shortcut');
  });

  it.each([
    [
      'an older agent, which returns no unpacked file',
      { bytes: 'QUVBMQ==' },
      'the agent on the Mac cannot check signed files; update it',
    ],
    [
      'an agent that reports an error',
      { error: { code: 'device_error', message: 'no iCloud' } },
      'no iCloud',
    ],
    [
      'an agent that returns another file',
      { bytes: 'QUVBMQ==', unpacked: 'bm9uZQ==' },
      'contains no shortcut',
    ],
  ])('a shortcut that %s signed is not offered as a file', async (_, answer, problem) => {
    const { token } = await offered(homing);
    const agent = await openSocket(homing.url, token);
    agent.say(hello({ capabilities: ['imessage', 'sign_shortcut'] }));
    await agent.next('welcome');
    const { page } = await connected({ userAgent: IOS_27_AGENT });
    const [request] = await Promise.all([
      agent.next('request').then((frame) => {
        agent.say({ type: 'answer', id: frame.id, ...answer });
        return frame;
      }),
      page.getByRole('link', { name: 'Add Homing Send' }).click(),
    ]);
    expect(request.op).toBe('sign_shortcut');
    await page.waitForURL(/\/files\/send/);
    expect(await page.locator('body').textContent()).toContain(problem);
    agent.terminate();
  });

  it('without a Mac, the edition for iOS 27 is built by hand, with its automations', async () => {
    const { page } = await connected({ userAgent: IOS_27_AGENT });
    expect(await page.getByRole('heading', { name: '3. Create the automations' }).count()).toBe(1);
    await page.getByRole('link', { name: 'Build Homing Send' }).click();
    expect(await page.getByText('Store Content').count()).toBeGreaterThan(0);
    await page.getByRole('link', { name: 'Back to the steps' }).first().click();
    expect(await editionShown(page)).toBe('iOS 27 and later');
  });

  it('the setup page links to published shortcuts of its edition first, and shows the other ones by hand', async () => {
    const check = 'https://www.icloud.com/shortcuts/0123456789abcdef0123456789abcdef';
    const links = { 'ios-27': { check } };
    for (const [value, userAgent, expected] of [
      [
        SHARED,
        IOS_27_AGENT,
        [`${SHARED}/ios-27/Homing%20Send.shortcut`, `${SHARED}/ios-27/Homing%20Receive.shortcut`],
      ],
      [
        SHARED,
        undefined,
        [`${SHARED}/ios-16/Homing%20Send.shortcut`, `${SHARED}/ios-16/Homing%20Receive.shortcut`],
      ],
      [JSON.stringify(links), IOS_27_AGENT, [check, null]],
    ] as const) {
      const broker = await startHoming({ HOMING_SHORTCUTS_URL: value });
      try {
        const { page } = await connected(userAgent === undefined ? {} : { userAgent }, broker);
        const link = (name: string) => page.getByRole('link', { name: `Add ${name}` });
        const names = value === SHARED ? ['Homing Send', 'Homing Receive'] : ['Homing Check', 'Homing Send'];
        const found = await Promise.all(
          names.map(async (name) =>
            (await link(name).count()) === 0 ? null : link(name).getAttribute('href'),
          ),
        );
        expect(found).toEqual([...expected]);
        expect(await page.getByRole('link', { name: 'Build Homing Send' }).count()).toBe(1);
      } finally {
        await broker.dispose();
      }
    }
  });

  it('the broker exits if HOMING_SHORTCUTS_URL contains a token, and does not print the token', async () => {
    const token = `dev_${'a'.repeat(43)}`;
    const environment = { HOMING_SHORTCUTS_URL: `${SHARED}/${token}` };
    for (const command of ['serve', 'config']) {
      const { status, stdout, stderr } = await runCli([command], environment);
      expect(status).toBe(2);
      expect(stderr).toContain(`HOMING_SHORTCUTS_URL was given '${SHARED}/dev_…'; allowed: URL of a folder`);
      expect(stdout + stderr).not.toContain(token);
    }
  });

  it('the page says when a text has arrived, so that the owner can test the filter', async () => {
    const { page } = await connected();
    const token = (await page.locator('[data-copy^="dev_"]').first().getAttribute('data-copy'))!;
    expect(await page.locator('#received').isVisible()).toBe(false);
    await fetch(`${homing.url}/shortcuts/v1/inbound`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ from: CONTACT, text: 'Hello there' }),
    });
    await until('the text to be shown', () => page.locator('#received').isVisible());
    await page.reload();
    expect(await page.locator('#received').isVisible()).toBe(true);
    expect(await page.locator('body').textContent()).toContain('One run lasts at most 10 minutes.');
  });

  it.each([
    [390, 'light'],
    [390, 'dark'],
    [320, 'light'],
    [320, 'dark'],
  ] as const)('the pages fit %i px in %s and are accessible', async (width, colorScheme) => {
    for (const userAgent of [undefined, IOS_27_AGENT]) {
      const edition = userAgent === undefined ? 'ios-16' : 'ios-27';
      const options = { width, colorScheme, ...(userAgent && { userAgent }) };
      const { setup_url } = await offered(homing);
      const page = await openPhone(browser, options);
      const look = async (name: string) => {
        const view = `${name} ${edition} ${width} ${colorScheme}`;
        await screenshot(page, `setup-${view.replaceAll(' ', '-')}`);
        expect([view, await page.evaluate('document.documentElement.scrollWidth <= innerWidth')]).toEqual([
          view,
          true,
        ]);
        await expectAccessible(page, view);
      };
      await page.goto(setup_url);
      await look('link');
      await page.getByRole('button', { name: 'Connect this iPhone' }).click();
      await look('steps');
      await page.getByRole('link', { name: 'Build Homing Send' }).click();
      await look('recipe');
    }
  });
});
