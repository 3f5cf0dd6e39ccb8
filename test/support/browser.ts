/** A real Chromium, from npm, as large as an iPhone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';

const SCREENSHOTS = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
const IPHONE = { width: 390, height: 844 };

export async function openBrowser(): Promise<Browser> {
  // In a single process, what one phone's page fetches goes with another one's cookies.
  const args = chromium.args.filter((argument) => !['--single-process', '--no-zygote'].includes(argument));
  return driver.launch({ executablePath: await chromium.executablePath(), args, headless: true });
}

/** A phone of its own: nothing of another one's cookies. */
export async function openPhone(browser: Browser): Promise<Page> {
  const context = await browser.newContext({
    viewport: IPHONE,
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  return context.newPage();
}

/** Kept in `.cache/screenshots` of the checkout. */
export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
