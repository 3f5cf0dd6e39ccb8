/**
 * Makes the pictures of the README from a broker with a demo line: `npm run screenshots`. The pictures show the inbox and
 * the timeline of a message, in light and dark.
 */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openBrowser } from './support/browser.ts';
import { openDashboard } from './support/dashboard-page.ts';
import { fillDemoLine } from './support/demo-line.ts';
import { startHoming } from './support/homing-process.ts';

const FOLDER = fileURLToPath(new URL('../docs/images/', import.meta.url));
const VIEWPORT = { width: 1280, height: 760 };

mkdirSync(FOLDER, { recursive: true });
const homing = await startHoming({ HOMING_ALLOW_PRIVATE_URLS: '1' });
const browser = await openBrowser();
try {
  const line = await fillDemoLine(homing);
  const views = [
    {
      name: 'inbox',
      path: `/inbox/${line.conversationId}`,
      text: 'Would you like me to put it aside as well?',
    },
    { name: 'timeline', path: `/messages/${line.messageId}`, text: 'Delivered' },
  ];
  for (const colorScheme of ['light', 'dark'] as const) {
    for (const { name, path, text } of views) {
      const { page, context } = await openDashboard(browser, homing, line.owner, {
        ...{ viewport: VIEWPORT, colorScheme, path },
      });
      await page.getByText(text).last().waitFor();
      // The pictures and the read marks of the conversation load after its text.
      await page.waitForLoadState('networkidle').catch(() => {});
      await page.screenshot({ path: `${FOLDER}${name}-${colorScheme}.png` });
      console.log(`docs/images/${name}-${colorScheme}.png`);
      await context.close();
    }
  }
  await line.close();
} finally {
  await browser.close();
  await homing.dispose();
}
