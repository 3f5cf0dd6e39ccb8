/** Opens pages in Chromium (from npm) with the viewport of an iPhone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';

const SCREENSHOTS = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
const IPHONE = { width: 390, height: 844 };

export async function openBrowser(): Promise<Browser> {
  // With a single process, contexts share cookies: one page sends the cookies of another page.
  const args = chromium.args.filter((argument) => !['--single-process', '--no-zygote'].includes(argument));
  return driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** Opens a page in a new context, without the cookies of other pages. */
export async function openPhone(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: IPHONE,
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  return context.newPage();
}

/** Writes a screenshot to `.cache/screenshots` of the checkout. */
export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
