/** Checks a page for accessibility with axe. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'];

interface Violation {
  id: string;
  help: string;
  nodes: Array<{ target: string[]; failureSummary: string }>;
}

/** Asserts that the page meets WCAG 2.1 AA, as far as axe can tell. `what` names the view in a failure. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // The policy of the page forbids script elements, so the program is evaluated instead.
  await page.evaluate(source);
  const violations = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(TAGS)}, resultTypes: ['violations'] }).then((found) => found.violations)`,
  )) as Violation[];
  const found = violations.map(({ id, help, nodes }) => ({
    ...{ what, id, help },
    nodes: nodes.slice(0, 5).map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
  }));
  expect(found).toEqual([]);
}
