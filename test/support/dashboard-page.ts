/** Opens the dashboard in Chromium as a signed-in member, and collects problems of the page. */
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { DashboardClient } from './dashboard.ts';
import type { RunningBroker } from './homing-process.ts';

export const DESKTOP = { width: 1440, height: 900 };
export const PHONE = { width: 390, height: 844 };
export const SMALL_PHONE = { width: 320, height: 640 };
export const TABLET = { width: 768, height: 1024 };

export interface PageOptions {
  viewport?: { width: number; height: number };
  colorScheme?: 'light' | 'dark';
  timeZone?: string;
  /** A program that runs in the page before its own. */
  before?: string;
  /** Address within the page, such as `/inbox`. */
  path?: string;
}

export interface OpenedPage {
  page: Page;
  context: BrowserContext;
  /** Console errors, exceptions, violations of the policy, and requests to another origin. */
  problems: string[];
  /** Asserts that there were none. */
  expectNoProblems(): void;
}

/** Without a member the page is not signed in. */
export async function openDashboard(
  browser: Browser,
  { url }: Pick<RunningBroker, 'url'>,
  member: Pick<DashboardClient, 'cookie'> | undefined,
  {
    viewport = DESKTOP,
    colorScheme = 'light',
    timeZone = 'Europe/Berlin',
    before,
    path = '/',
  }: PageOptions = {},
): Promise<OpenedPage> {
  const isPhone = viewport.width < 700;
  const context = await browser.newContext({
    ...{ viewport, colorScheme, isMobile: isPhone, hasTouch: isPhone },
    ...{ timezoneId: timeZone, locale: 'en-GB' },
  });
  if (member !== undefined) {
    const [name = '', value = ''] = member.cookie.split('=');
    await context.addCookies([{ name, value, url }]);
  }
  if (before !== undefined) await context.addInitScript({ content: before });
  const page = await context.newPage();
  const problems = collectProblems(page, url);
  await page.goto(`${url}/dashboard${path}`);
  return { page, context, problems, expectNoProblems: () => expect(problems).toEqual([]) };
}

export function collectProblems(page: Page, url: string): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(String(error)));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== url && protocol !== 'data:' && protocol !== 'blob:')
      problems.push(`request to ${request.url()}`);
  });
  return problems;
}

/** Asserts that neither the page nor a part of it scrolls sideways. Code scrolls in its own frame. */
export async function expectNothingCut(page: Page): Promise<void> {
  const wide = await page.evaluate(`
    [document.documentElement, ...document.querySelectorAll('body *')]
      .filter((element) => element === document.documentElement || /auto|scroll/.test(getComputedStyle(element).overflowX))
      .filter((element) => element.closest('pre, section:has(> pre)') === null)
      .filter((element) => element.scrollWidth > element.clientWidth + 1)
      .map((element) => {
        const edge = element.getBoundingClientRect().left + element.clientWidth + 1;
        const outside = [...element.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > edge);
        const names = outside.slice(0, 5).map((one) => one.tagName + '.' + one.className);
        return [element.tagName, element.scrollWidth, '>', element.clientWidth, ...names].join(' ');
      })
  `);
  expect(wide).toEqual([]);
}
