/** Opens pages in Chromium (from npm) with the viewport of an iPhone. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as driver, type Page } from 'playwright-core';

const SCREENSHOTS = fileURLToPath(new URL('../../.cache/screenshots', import.meta.url));
const IPHONE = { width: 390, height: 844 };
export const IPHONE_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

const LAUNCHES_MAX = 3;

export async function openBrowser(): Promise<Browser> {
  // With a single process, contexts share cookies: one page sends the cookies of another page.
  // Without a graphics processor, the software compositor draws faster than an emulated one.
  chromium.setGraphicsMode = false;
  const args = chromium.args.filter((argument) => !['--single-process', '--no-zygote'].includes(argument));
  const executablePath = await chromium.executablePath();
  for (let launch = 1; ; launch += 1) {
    try {
      return await driver.launch({ executablePath, args, headless: true });
    } catch (error) {
      // On a loaded machine, Chromium sometimes ends with a segmentation fault before it shows a page.
      if (launch === LAUNCHES_MAX) throw error;
    }
  }
}

/** From version 26, Safari reports iOS 18 and the version of Safari. */
export const IOS_27_AGENT =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/27.0 Mobile/15E148 Safari/604.1';

export interface PhoneOptions {
  userAgent?: string;
  width?: number;
  colorScheme?: 'light' | 'dark';
}

/** Opens a page in a new context, without the cookies of other pages. */
export async function openPhone(browser: Browser, options: PhoneOptions = {}): Promise<Page> {
  const { userAgent = IPHONE_AGENT, width = IPHONE.width, colorScheme = 'light' } = options;
  const context = await browser.newContext({
    viewport: { ...IPHONE, width },
    ...{ userAgent, colorScheme },
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
  });
  return context.newPage();
}

/** Opens a page with the size and the user agent of a computer, in a new context. */
export async function openDesktop(browser: Browser): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  return context.newPage();
}

/** Writes a screenshot to `.cache/screenshots` of the checkout. */
export async function screenshot(page: Page, name: string): Promise<string> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const path = join(SCREENSHOTS, `${name}.png`);
  await page.screenshot({ path, fullPage: true });
  return path;
}
