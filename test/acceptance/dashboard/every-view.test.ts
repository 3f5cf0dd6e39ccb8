/**
 * Shows every view of the dashboard with data, in light and dark, from a small phone to a wide screen. Checks that nothing
 * is cut and that no view asks another origin, runs axe, and writes screenshots to `.cache/screenshots`.
 */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser, screenshot } from '../../support/browser.ts';
import {
  DESKTOP,
  type OpenedPage,
  openDashboard,
  PHONE,
  SMALL_PHONE,
  TABLET,
} from '../../support/dashboard-page.ts';
import { type DemoLine, fillDemoLine } from '../../support/demo-line.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { until } from '../../support/until.ts';

const WIDTHS_OF_PAGE = `[
  document.documentElement.scrollWidth,
  document.getElementById('content').scrollWidth,
  document.getElementById('content').clientWidth,
]`;
const WIDTHS = [DESKTOP, TABLET, PHONE, SMALL_PHONE];

let homing: HomingProcess;
let browser: Browser;
let line: DemoLine;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' }), openBrowser()]);
  line = await fillDemoLine(homing);
});
afterAll(async () => {
  await line?.close();
  await browser?.close();
  await homing?.dispose();
});

/** [name, path, a text that appears when the view is loaded] */
const VIEWS: ReadonlyArray<readonly [name: string, path: () => string, text: string | RegExp]> = [
  ['overview', () => '/overview', 'Show as a table'],
  ['inbox', () => '/inbox', 'Priya Natarajan'],
  ['conversation', () => `/inbox/${line.conversationId}`, 'Would you like me to put it aside as well?'],
  ['new conversation', () => '/inbox/new', 'To'],
  ['messages', () => '/messages', 'Failed'],
  ['message', () => `/messages/${line.messageId}`, 'Dispatched to Office Mac'],
  ['devices', () => '/devices', 'Office Mac'],
  ['pairing', () => '/devices?pair=1', 'Continue'],
  ['contacts', () => '/contacts', 'Priya Natarajan'],
  ['opt-outs', () => '/contacts/opt-outs', /opt/i],
  ['blocked senders', () => '/contacts/blocked', 'No blocked sender'],
  ['keys', () => '/developers/keys', 'Revoke'],
  ['new key', () => '/developers/keys?new=1', 'Format of the key'],
  ['webhooks', () => '/developers/webhooks', 'Active'],
  ['new webhook', () => '/developers/webhooks?new=1', 'message.failed'],
  ['event stream', () => '/developers/events', 'Connected'],
  ['calls of assistants', () => '/developers/tool-calls', 'No calls yet'],
  ['links', () => '/developers/links', 'Quickstart'],
  ['account', () => '/settings/account', 'Stored attachments'],
  ['members', () => '/settings/members', 'No invitation is open.'],
  ['security', () => '/settings/security', 'This browser'],
  ['audit log', () => '/settings/audit', /Alex Doe/],
];

async function waitForView({ page }: OpenedPage, text: string | RegExp): Promise<void> {
  await page.getByText(text).locator('visible=true').first().waitFor();
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' });
}

async function check(
  name: string,
  path: string,
  text: string | RegExp,
  colorScheme: 'light' | 'dark',
  viewports: ReadonlyArray<typeof DESKTOP>,
): Promise<void> {
  const opened = await openDashboard(browser, homing, line.owner, { colorScheme, path });
  const { page } = opened;
  for (const viewport of viewports) {
    await page.setViewportSize(viewport);
    await waitForView(opened, text);
    // An open list of suggestions follows the new width after a moment.
    await until(`no horizontal scrolling at ${viewport.width} px`, async () => {
      const [whole, content, visible] = (await page.evaluate(WIDTHS_OF_PAGE)) as number[];
      return whole === viewport.width && content === visible;
    });
    if (viewport !== DESKTOP && viewport !== PHONE) continue;
    await expectAccessible(page, `${name} in ${colorScheme} at ${viewport.width} px`);
    await screenshot(page, `dashboard ${name} ${viewport.width} ${colorScheme}`);
  }
  opened.expectNoProblems();
  await opened.context.close();
}

describe('every view', () => {
  it.each(VIEWS)('%s: is accessible, and nothing is cut at any width', (name, path, text) =>
    check(name, path(), text, 'light', WIDTHS),
  );

  // The widths of a view do not depend on the colours.
  it.each(VIEWS)('%s: is accessible in dark', (name, path, text) =>
    check(name, path(), text, 'dark', [DESKTOP, PHONE]),
  );
});
