/** Tests attachments in a real browser: a large video with its progress, and images that are dropped or pasted. */
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openBrowser } from '../../support/browser.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { openDashboard, PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { until } from '../../support/until.ts';

const ECHO = '+15005550014';
const VIDEO_BYTES = 30 * 1024 * 1024;
/** A red pixel. */
const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

let homing: HomingProcess;
let browser: Browser;
let owner: DashboardClient;

beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
  owner = await signIn(homing, { name: 'Robin Doe' });
  const body = { to: ECHO, content: 'The first message', idempotencyKey: 'attachments-1' };
  await owner.post('/test/messages', body);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

const log = (page: Page) => page.getByRole('log', { name: 'Messages' });
const messageField = (page: Page) => page.getByRole('textbox', { name: 'Message', exact: true });
const sendButton = (page: Page) => page.getByRole('button', { name: 'Send', exact: true });

async function openConversation(page: Page): Promise<void> {
  await page.locator('a').filter({ hasText: '+1 500 555 0014' }).first().click();
  await messageField(page).waitFor();
}

/** Drops or pastes an image, as from another program. */
function give(target: Locator, type: 'drop' | 'paste', name: string): Promise<void> {
  return target.evaluate(
    (element, given) => {
      // biome-ignore lint/suspicious/noExplicitAny: runs in the page, whose types are not those of this program
      const { DataTransfer, File, DragEvent, ClipboardEvent, atob } = globalThis as any;
      const bytes = Uint8Array.from(atob(given.png) as string, (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], given.name, { type: 'image/png' }));
      const options = { bubbles: true, cancelable: true };
      const events =
        given.type === 'drop'
          ? [
              new DragEvent('dragover', { ...options, dataTransfer: data }),
              new DragEvent('drop', { ...options, dataTransfer: data }),
            ]
          : [new ClipboardEvent('paste', { ...options, clipboardData: data })];
      for (const event of events)
        (element as unknown as { dispatchEvent(event: unknown): void }).dispatchEvent(event);
    },
    { type, name, png: PNG },
  );
}

describe('a video of 30 MB', () => {
  it('is uploaded with its progress, sent, and played in parts', async () => {
    const { page, context, problems } = await openDashboard(browser, homing, owner, { path: '/test/inbox' });
    await openConversation(page);
    // A slow line, so that the progress can be seen.
    const session = await context.newCDPSession(page);
    await session.send('Network.enable');
    const limit = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput: 12 * 1024 * 1024 };
    await session.send('Network.emulateNetworkConditions', limit);
    const choosing = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Attach files' }).click();
    const buffer = Buffer.alloc(VIDEO_BYTES);
    // The head of an MP4 file.
    Buffer.from('00000018667479706d703432000000006d70343269736f6d', 'hex').copy(buffer);
    await (await choosing).setFiles([{ name: 'holiday.mp4', mimeType: 'video/mp4', buffer }]);
    const progress = page.getByRole('progressbar', { name: 'Upload' });
    await until('a part of the upload', async () => {
      if ((await progress.count()) === 0) return false;
      const value = Number(await progress.getAttribute('aria-valuenow'));
      return value > 0 && value < 100;
    });
    await messageField(page).fill('The video of the holiday');
    expect(await sendButton(page).isDisabled()).toBe(true);
    await page.getByText('31 MB').waitFor();
    await session.send('Network.emulateNetworkConditions', { ...limit, uploadThroughput: -1 });
    const parts: Array<{ status: number; path: string }> = [];
    page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.includes('/media/')) parts.push({ status: response.status(), path: pathname });
    });
    await sendButton(page).click();
    const part = await until('a part of the video', () => parts.find(({ status }) => status === 206));
    const path = part.path.replace('/dashboard/api', '');
    const range = await owner.request('GET', path, { headers: { range: 'bytes=31457270-' } });
    expect(range.status).toBe(206);
    expect(range.headers.get('content-range')).toBe(`bytes 31457270-31457279/${VIDEO_BYTES}`);
    await log(page).getByText('Delivered').first().waitFor();
    // The file has no pictures: it is offered as a file then.
    await log(page)
      .getByRole('link', { name: /holiday\.mp4/ })
      .waitFor();
    expect(problems.filter((problem) => !/media|decode|DEMUXER/i.test(problem))).toEqual([]);
    await context.close();
  });
});

describe.each(['drop', 'paste'] as const)('an image by %s', (type) => {
  it('is shown before it is sent, can be removed, and is sent', async () => {
    const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
      path: '/test/inbox',
    });
    await openConversation(page);
    const name = `${type}ped.png`;
    await give(messageField(page), type, name);
    await page.getByText(name).waitFor();
    await page.getByRole('button', { name: `Remove ${name}` }).click();
    await page.getByText(name).waitFor({ state: 'hidden' });
    await give(messageField(page), type, name);
    await until('the upload', async () => sendButton(page).isEnabled());
    await sendButton(page).click();
    const image = log(page).getByRole('button', { name: `Open ${name}` });
    await image.waitFor();
    await page.getByText(`Remove ${name}`).waitFor({ state: 'hidden' });
    // The stored message replaces the one that is being sent, and with it an open viewer.
    const sending = log(page).getByText('Sending', { exact: true });
    await until('the message to be stored', async () => (await sending.count()) === 0);
    await image.click();
    const viewer = page.getByRole('dialog');
    await viewer.getByRole('img', { name }).waitFor();
    await page.keyboard.press('Escape');
    await viewer.waitFor({ state: 'hidden' });
    expectNoProblems();
    await context.close();
  });
});

describe('an attachment that is refused', () => {
  it('says why and does not send the message without it', async () => {
    const { page, context } = await openDashboard(browser, homing, owner, {
      viewport: PHONE,
      path: '/test/inbox',
    });
    await openConversation(page);
    await page.route('**/uploads', (route) =>
      route.fulfill({
        status: 413,
        contentType: 'application/json',
        body: JSON.stringify({ error: { code: 'too_large', message: 'The file is larger than 100 MB.' } }),
      }),
    );
    await give(messageField(page), 'paste', 'large.png');
    await page.getByText('The file is larger than 100 MB.').waitFor();
    await messageField(page).fill('With an attachment');
    expect(await sendButton(page).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Remove large.png' }).click();
    await until('the button to be enabled', async () => sendButton(page).isEnabled());
    await context.close();
  });
});
