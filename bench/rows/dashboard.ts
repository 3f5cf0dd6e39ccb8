/**
 * Measures the page of the dashboard in Chromium: the bytes of the first load, and the frames while a conversation of
 * 10,000 messages scrolls. The baseline is an empty page, because the frame rate depends on the machine.
 */
import type { Page } from 'playwright-core';
import { newBrokerDatabase } from '../../test/support/broker-database.ts';
import { openBrowser } from '../../test/support/browser.ts';
import { signIn } from '../../test/support/dashboard.ts';
import { DESKTOP } from '../../test/support/dashboard-page.ts';
import { type Metric, metric, ratios } from '../metrics.ts';
import type { BenchOptions } from '../options.ts';
import { type PairedHoming, startPairedHoming } from '../programs.ts';
import { printProgress } from '../progress.ts';

const MESSAGES = 10_000;
const MESSAGES_PER_REQUEST = 500;
const CONTACT = '+14155550123';
const MINUTE_MS = 60_000;
const FIRST_LOAD_MAX_KB = 250;

/** Counts the animation frames of a duration, and scrolls a part of a screen in each of them. */
const COUNT_FRAMES = `(seconds) => new Promise((resolve) => {
  const list = document.querySelector('[role="log"]');
  const begin = performance.now();
  let frames = 0;
  const frame = () => {
    frames += 1;
    if (list !== null) list.scrollTop -= 90;
    const elapsed = performance.now() - begin;
    if (elapsed < seconds * 1000) requestAnimationFrame(frame);
    else resolve((frames / elapsed) * 1000);
  };
  requestAnimationFrame(frame);
})`;

export async function measureDashboard({ rounds, seconds }: BenchOptions): Promise<Metric[]> {
  const homing = await startPairedHoming();
  const url = `http://127.0.0.1:${homing.port}`;
  const browser = await openBrowser();
  try {
    printProgress(`dashboard: writing ${MESSAGES.toLocaleString('en-US')} messages…`);
    await importMessages(homing, url);
    const { dataDir, liveKey, stop: dispose } = homing;
    const database = await newBrokerDatabase(dataDir);
    const member = await signIn({ url, dataDir, database, liveKey, testKey: '', log: () => '', dispose });
    const { conversations } = (await member.get('/live/conversations')).body;
    const path = `/inbox/${conversations[0].id}`;
    const bytes: number[] = [];
    const scrolled: number[] = [];
    const empty: number[] = [];
    for (let round = 1; round <= rounds; round += 1) {
      printProgress(`dashboard: round ${round} of ${rounds}…`);
      // A new context has an empty cache.
      const context = await browser.newContext({ viewport: DESKTOP });
      const [name = '', value = ''] = member.cookie.split('=');
      await context.addCookies([{ name, value, url }]);
      const opened = await context.newPage();
      bytes.push((await loadedBytes(opened, `${url}/dashboard${path}`)) / 1_000);
      await opened.getByText(`message ${MESSAGES - 1}`, { exact: true }).waitFor();
      scrolled.push((await opened.evaluate(`(${COUNT_FRAMES})(${seconds})`)) as number);
      await opened.goto('about:blank');
      empty.push((await opened.evaluate(`(${COUNT_FRAMES})(${seconds})`)) as number);
      await context.close();
    }
    return [
      metric('dashboard', 'first load of a conversation, compressed', 'KB', bytes, {
        atMost: FIRST_LOAD_MAX_KB,
      }),
      metric('dashboard', `frames while ${MESSAGES} messages scroll`, 'frames/s', scrolled),
      metric('dashboard', 'frames of an empty page', 'frames/s', empty),
      metric('dashboard', 'frames, compared with an empty page', 'ratio', ratios(scrolled, empty), {
        atLeast: 0.9,
      }),
    ];
  } finally {
    await browser.close();
    await homing.stop();
  }
}

/** Opens the page and returns the bytes of all responses on the wire, without the event stream. */
async function loadedBytes(page: Page, address: string): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  let bytes = 0;
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength;
  });
  await page.goto(address);
  await page.getByRole('log', { name: 'Messages' }).waitFor();
  return bytes;
}

async function importMessages({ number, deviceToken }: PairedHoming, url: string): Promise<void> {
  const now = Date.now();
  const items = Array.from({ length: MESSAGES }, (_, index) => {
    const isOwn = index % 3 === 0;
    return {
      guid: `bench-${index}`,
      ...(isOwn ? { from: number, to: CONTACT, from_me: true } : { from: CONTACT, to: number }),
      text: `message ${index}`,
      sent_at: new Date(now - (MESSAGES - index) * MINUTE_MS).toISOString(),
    };
  });
  for (let at = 0; at < MESSAGES; at += MESSAGES_PER_REQUEST) {
    const response = await fetch(`${url}/relay/v1/history`, {
      method: 'POST',
      headers: { authorization: `Bearer ${deviceToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ items: items.slice(at, at + MESSAGES_PER_REQUEST) }),
    });
    if (!response.ok) throw new Error(`The history was not imported: ${await response.text()}`);
  }
}
