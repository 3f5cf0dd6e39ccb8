/** Tests the backups in the settings of the dashboard on PostgreSQL, in a real browser. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible } from '../../support/axe.ts';
import { openBrowser } from '../../support/browser.ts';
import { signIn } from '../../support/dashboard.ts';
import { DESKTOP, openDashboard, SMALL_PHONE } from '../../support/dashboard-page.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';

let homing: HomingProcess;
let browser: Browser;
beforeAll(async () => {
  [homing, browser] = await Promise.all([startHoming(), openBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await homing?.dispose();
});

it.each([
  ['a computer', DESKTOP],
  ['a phone', SMALL_PHONE],
])('the backups on %s show the command of PostgreSQL', async (name, viewport) => {
  const owner = await signIn(homing, { name: 'Robin Doe', email: `robin-${viewport.width}@example.com` });
  const { page, context, expectNoProblems } = await openDashboard(browser, homing, owner, {
    ...{ viewport, path: '/settings/backups' },
  });
  await page.getByRole('heading', { name: 'The database is PostgreSQL' }).waitFor();
  const command = await page.locator('code').textContent();
  expect(command).toMatch(/^pg_dump --format=custom /);
  expect(command).not.toContain(':homing@');
  expect(await page.getByRole('button', { name: 'Back up now' }).count()).toBe(0);
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
  await expectAccessible(page, `the backups of PostgreSQL on ${name}`);
  expectNoProblems();
  await context.close();
});
