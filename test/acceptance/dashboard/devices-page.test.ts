/** Tests the devices in a real browser: pairing, sending with the paired device, its problems, and the pace. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { expectNothingCut, openDashboard, PHONE, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type DeviceProcess, startDeviceProcess } from '../../support/device-process.ts';
import { type HomingProcess, runCli, startHoming } from '../../support/homing-process.ts';
import { type PairedInbox, pairedInbox } from '../../support/inbox.ts';
import { until } from '../../support/until.ts';

const OWN_NUMBER = '+14155550100';
const ANNA = '+14155550171';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;
let line: PairedInbox;
let folder: string;
const running: DeviceProcess[] = [];

beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  folder = mkdtempSync(join(tmpdir(), 'homing-devices-page-'));
  owner = await signIn(homing, { name: 'Robin Doe' });
  line = await pairedInbox(homing, OWN_NUMBER);
});
afterAll(async () => {
  for (const device of running) device.signal('SIGKILL');
  await browser?.close();
  await homing?.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const block = (page: Page, number: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: number, level: 2 }) });
const log = (page: Page) => page.getByRole('log', { name: 'Messages' });

function startDevice(...args: string[]): DeviceProcess {
  const device = startDeviceProcess(homing, ...args);
  running.push(device);
  return device;
}

async function startPairing(page: Page, kind: 'iPhone' | 'Mac', number: string, name: string): Promise<void> {
  await page.getByRole('button', { name: 'Pair a device' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Pair a device' });
  await dialog.getByText(kind, { exact: true }).click();
  await dialog.getByRole('textbox', { name: 'Number' }).fill(number);
  await dialog.getByRole('textbox', { name: /^Name of the device/ }).fill(name);
  await page.keyboard.press('Enter');
  const image = dialog.getByRole('img', { name: 'QR code of the setup link' });
  await image.waitFor();
  expect(
    await image.evaluate((element) => (element as unknown as { naturalWidth: number }).naturalWidth),
  ).toBeGreaterThan(0);
}

describe('pairing', () => {
  it('of a Mac works with the command of the page, and the device then sends and receives', async () => {
    const opened = await openDashboard(browser, homing, owner, { path: '/devices' });
    const { page } = opened;
    await startPairing(page, 'Mac', '+1 415 555 0130', 'Office Mac');
    const dialog = page.getByRole('dialog', { name: 'Pair a device' });
    await dialog.getByText('Open Terminal on the Mac and run the command.').waitFor();
    await dialog.getByText('Other devices cannot reach this address.').waitFor();
    await dialog.getByText('Waiting for the device…').waitFor();
    const command = await dialog.getByText(/^npx homing relay pair /).textContent();
    const [, link = ''] = /^npx homing (relay pair '.+')$/.exec(command ?? '') ?? [];
    const [, url = ''] = /'(.+)'/.exec(link) ?? [];
    const paired = await runCli(
      [...['relay', 'pair', url, '--json', '--no-keychain', '--allow-other-os'], '--data-dir', folder],
      { HOMING_RELAY_LAUNCHCTL: '/bin/false' },
    );
    expect(paired.status, paired.stderr).toBe(0);
    await dialog.getByText('The Mac is paired. Waiting for its connection…').waitFor();
    const device = startDevice('--token-file', join(folder, 'token'));
    await dialog.getByText('The device is connected').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await block(page, '+1 415 555 0130').getByText('Office Mac').waitFor();
    await block(page, '+1 415 555 0130').getByText('Online').first().waitFor();

    await page.goto(`${homing.url}/dashboard/inbox/new`);
    await page.getByRole('combobox', { name: 'To' }).fill(ANNA);
    await page.getByRole('combobox', { name: 'From' }).click();
    await page.getByRole('option', { name: '+1 415 555 0130' }).click();
    await page.getByRole('textbox', { name: 'Message', exact: true }).fill('Sent by the new device');
    await page.keyboard.press('Enter');
    await log(page).getByText('Sent by the new device', { exact: true }).waitFor();
    await log(page).getByText('Delivered').waitFor();
    await device.frame('in', 'deliver', ({ items }) => items[0].text === 'Sent by the new device');
    device.type(`${ANNA} Received by the new device`);
    await log(page).getByText('Received by the new device').waitFor();
    opened.expectNoProblems();
    await opened.context.close();
  });

  it('of an iPhone works with the code of the link, on a phone', async () => {
    const opened = await openDashboard(browser, homing, owner, { viewport: PHONE, path: '/devices' });
    const { page } = opened;
    await startPairing(page, 'iPhone', '+14155550131', '');
    const dialog = page.getByRole('dialog', { name: 'Pair a device' });
    await dialog.getByText('Press Connect this iPhone on the page.').waitFor();
    await expectNothingCut(page);
    await expectAccessible(page, 'pairing on a phone');
    const link = await dialog.getByText(/\/setup-shortcut\?token=/).textContent();
    const device = startDevice('--code', new URL(link ?? '').searchParams.get('token') ?? '');
    await dialog.getByText('The device is connected').waitFor();
    await dialog.getByText('It sends and receives for +1 415 555 0131 now.').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await block(page, '+1 415 555 0131')
      .getByText(/^iPhone/)
      .first()
      .waitFor();
    device.signal('SIGTERM');
    await block(page, '+1 415 555 0131').getByText('Offline', { exact: true }).waitFor();
    await block(page, '+1 415 555 0131')
      .getByText('The device is not connected. Its messages wait.')
      .waitFor();
    opened.expectNoProblems();
    await opened.context.close();
  });

  it('names the problem of a wrong number, and closes with the back button', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    await page.getByRole('button', { name: 'Pair a device' }).first().click();
    const dialog = page.getByRole('dialog', { name: 'Pair a device' });
    await dialog.getByRole('textbox', { name: 'Number' }).fill('12');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    await dialog
      .getByRole('alert')
      .getByText(/E\.164/)
      .waitFor();
    await page.goBack();
    await dialog.waitFor({ state: 'hidden' });
    await context.close();
  });
});

describe('a device', () => {
  it('shows its problems with what to do, and they disappear when they are solved', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    const shown = block(page, '+1 415 555 0100');
    await shown.getByText('Online').first().waitFor();
    line.socket.say({
      type: 'health',
      full_disk_access: false,
      automation: true,
      signed_in: true,
      battery: 81,
    });
    await shown.getByText('The agent cannot read Messages: Full Disk Access is off.').waitFor();
    await shown.getByText(/Privacy & Security → Full Disk Access/).waitFor();
    await shown.getByText(/battery 81 %/).waitFor();
    await expectAccessible(page, 'device with a problem');
    line.socket.say({
      type: 'health',
      full_disk_access: true,
      automation: true,
      signed_in: true,
      battery: 81,
    });
    await shown
      .getByText('The agent cannot read Messages: Full Disk Access is off.')
      .waitFor({ state: 'hidden' });
    await context.close();
  });

  it('is renamed', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    await page.getByRole('button', { name: 'Menu of Test device' }).click();
    await page.getByRole('menuitem', { name: 'Rename' }).click();
    const dialog = page.getByRole('dialog', { name: 'Rename device' });
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Kitchen Mac');
    await page.keyboard.press('Enter');
    await block(page, '+1 415 555 0100').getByText('Kitchen Mac').waitFor();
    await dialog.waitFor({ state: 'hidden' });
    await context.close();
  });
});

describe('a number', () => {
  const stateOf = async () => {
    const { numbers } = (await owner.get('/live/numbers')).body;
    return numbers.find(({ phoneNumber }: { phoneNumber: string }) => phoneNumber === OWN_NUMBER).status;
  };

  it('is paused, resumed by undo, paused, and resumed by its menu', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    const shown = block(page, '+1 415 555 0100');
    const pause = async () => {
      await page.getByRole('button', { name: 'Menu of +1 415 555 0100' }).click();
      await page.getByRole('menuitem', { name: 'Pause sending' }).click();
      await shown.getByText('Paused', { exact: true }).waitFor();
    };
    await pause();
    expect(await stateOf()).toBe('paused');
    await page.getByRole('button', { name: 'Undo' }).waitFor();
    await page.getByRole('menu').waitFor({ state: 'hidden' });
    await expectAccessible(page, 'a toast');
    await page.getByRole('button', { name: 'Undo' }).click();
    await shown.getByText('Online').first().waitFor();
    await until('the number to be active', async () => (await stateOf()) === 'active');
    await pause();
    await page.getByRole('button', { name: 'Menu of +1 415 555 0100' }).click();
    await page.getByRole('menuitem', { name: 'Resume sending' }).click();
    await until('the number to be active', async () => (await stateOf()) === 'active');
    await context.close();
  });

  it('says that it cannot be paused while the broker does not respond', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    await page.getByRole('button', { name: 'Menu of +1 415 555 0100' }).click();
    await page.route('**/dashboard/api/live/numbers/*', (route) => route.abort());
    await page.getByRole('menuitem', { name: 'Pause sending' }).click();
    await page
      .getByRole('alert')
      .getByText(/The broker does not respond/)
      .waitFor();
    expect(await page.getByText(/ is paused\. /).count()).toBe(0);
    await context.close();
  });

  it('has a label', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    const change = async (number: string, label: string) => {
      await page.getByRole('button', { name: `Menu of ${number}` }).click();
      await page.getByRole('menuitem', { name: 'Change label' }).click();
      await page
        .getByRole('dialog', { name: 'Change label' })
        .getByRole('textbox', { name: 'Label' })
        .fill(label);
      await page.keyboard.press('Enter');
    };
    await change('+1 415 555 0100', 'Reception');
    await block(page, 'Reception').getByText('+1 415 555 0100').waitFor();
    await change('+1 415 555 0100', '');
    await block(page, '+1 415 555 0100').waitFor();
    await context.close();
  });

  it('has a pace: limits, quiet hours and weekly windows, shown as gauges and a week', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/devices',
    });
    await block(page, '+1 415 555 0100').getByRole('link', { name: 'Pace' }).click();
    await page.getByText('Messages are sent at any time.').waitFor();
    await page.getByRole('textbox', { name: 'Messages per day' }).fill('12');
    await page.getByRole('switch', { name: 'Quiet hours' }).click();
    await page.getByLabel('Quiet hours: from').fill('22:00');
    await page.getByLabel('Quiet hours: to').fill('06:00');
    await page.getByRole('switch', { name: 'Weekly windows' }).click();
    await page.getByRole('checkbox', { name: 'Fri' }).click();
    await page.getByRole('button', { name: 'Save pace' }).click();
    await page.getByText('The pace is changed. Waiting messages follow it now.').waitFor();
    const { numbers } = (await owner.get('/live/numbers')).body;
    const number = numbers.find(({ phoneNumber }: { phoneNumber: string }) => phoneNumber === OWN_NUMBER);
    const usage = async () => (await owner.get(`/live/numbers/${number.id}/usage`)).body;
    expect((await usage()).own).toMatchObject({
      messagesPerDay: 12,
      quietHours: { from: '22:00', to: '06:00' },
      weeklyWindows: [{ days: ['mon', 'tue', 'wed', 'thu'], from: '09:00', to: '18:00' }],
    });
    // Less than 12 in the first week.
    await page
      .getByText(/^\d+ of [1-9]/)
      .first()
      .waitFor();
    expect(await page.getByText('of 12').count()).toBe(0);
    await page.getByRole('switch', { name: /^Ramp/ }).click();
    await page.getByRole('button', { name: 'Save pace' }).click();
    await page.getByText('of 12').waitFor();
    const week = page.getByRole('table', { name: 'Sending hours' });
    const cells = (day: string) => week.getByRole('row', { name: day }).locator('td').allTextContents();
    expect((await cells('Mon')).filter((text) => text === 'open')).toHaveLength(9);
    expect((await cells('Fri')).filter((text) => text === 'open')).toHaveLength(0);

    await page.getByRole('switch', { name: 'Quiet hours' }).click();
    await page.getByRole('switch', { name: 'Weekly windows' }).click();
    await page.getByRole('textbox', { name: 'Messages per day' }).fill('');
    await page.getByRole('button', { name: 'Save pace' }).click();
    await page.getByText('Messages are sent at any time.').waitFor();
    const { own } = await usage();
    expect([own.messagesPerDay ?? null, own.quietHours ?? null, own.weeklyWindows ?? null]).toEqual([
      null,
      null,
      null,
    ]);
    await page.getByRole('link', { name: 'All devices' }).click();
    await block(page, '+1 415 555 0100').waitFor();
    expectNoProblems();
    await context.close();
  });

  it('that does not exist says so', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices/num_unknown' });
    await page.getByText('This number does not exist').waitFor();
    await page.getByRole('link', { name: 'Show all devices' }).click();
    await block(page, '+1 415 555 0100').waitFor();
    await context.close();
  });
});

describe('a member without the role owner', () => {
  it('sees the devices and has no buttons to change them', async () => {
    const member = await signIn(homing, { role: 'member' });
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, member, {
      path: '/devices?pair=1',
    });
    await block(page, '+1 415 555 0100').waitFor();
    expect(await page.getByRole('button', { name: 'Pair a device' }).count()).toBe(0);
    expect(await page.getByRole('button', { name: /^Menu of/ }).count()).toBe(0);
    expect(await page.getByRole('dialog').count()).toBe(0);
    await block(page, '+1 415 555 0100').getByRole('link', { name: 'Pace' }).click();
    await page.getByRole('heading', { name: 'Usage' }).waitFor();
    expect(await page.getByRole('button', { name: 'Save pace' }).count()).toBe(0);
    expectNoProblems();
    await context.close();
  });
});

describe('the layout', () => {
  it.each(['light', 'dark'] as const)('is accessible in %s', async (colorScheme) => {
    const { page, context } = await openDashboard(browser, homing, owner, { colorScheme, path: '/devices' });
    await block(page, '+1 415 555 0100').waitFor();
    await expectAccessible(page, `devices in ${colorScheme}`);
    await block(page, '+1 415 555 0100').getByRole('link', { name: 'Pace' }).click();
    await page.getByRole('button', { name: 'Save pace' }).waitFor();
    await page.getByRole('switch', { name: 'Weekly windows' }).click();
    await expectAccessible(page, `pace in ${colorScheme}`);
    await context.close();
  });

  it.each([PHONE, SMALL_PHONE])('cuts nothing at $width px', async (viewport) => {
    const { page, context } = await openDashboard(browser, homing, owner, { viewport, path: '/devices' });
    await block(page, '+1 415 555 0100').waitFor();
    await expectNothingCut(page);
    await block(page, '+1 415 555 0100').getByRole('link', { name: 'Pace' }).click();
    await page.getByRole('button', { name: 'Save pace' }).waitFor();
    await page.getByRole('switch', { name: 'Weekly windows' }).click();
    await expectNothingCut(page);
    await expectAccessible(page, `pace at ${viewport.width} px`);
    await context.close();
  });
});

// The last ones: they disconnect the device of the other tests.
describe('the end', () => {
  it('of a device: it is revoked after a confirmation', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, { path: '/devices' });
    await page.getByRole('button', { name: 'Menu of Kitchen Mac' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    const dialog = page.getByRole('dialog', { name: 'Revoke Kitchen Mac?' });
    await dialog.getByRole('button', { name: 'Keep' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: 'Menu of Kitchen Mac' }).click();
    await page.getByRole('menuitem', { name: 'Revoke' }).click();
    await dialog.getByRole('button', { name: 'Revoke device' }).click();
    expect(await line.socket.closed).toBe(4401);
    await block(page, '+1 415 555 0100').getByText('No device', { exact: true }).waitFor();
    await context.close();
  });

  it('of a number: it is deleted after its number was typed', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/devices',
    });
    await page.getByRole('button', { name: 'Menu of +1 415 555 0100' }).click();
    await page.getByRole('menuitem', { name: 'Delete number' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete +1 415 555 0100?' });
    const button = dialog.getByRole('button', { name: 'Delete number' });
    await dialog.getByRole('textbox').fill('+1415555010');
    expect(await button.isDisabled()).toBe(true);
    await page.keyboard.press('Enter');
    await dialog.getByRole('textbox').fill('+1 415 555 0100');
    await button.click();
    await dialog.waitFor({ state: 'hidden' });
    await block(page, '+1 415 555 0100').waitFor({ state: 'hidden' });
    const { numbers } = (await owner.get('/live/numbers')).body;
    expect(numbers.map(({ phoneNumber }: { phoneNumber: string }) => phoneNumber)).not.toContain(OWN_NUMBER);
    expectNoProblems();
    await context.close();
  });
});
