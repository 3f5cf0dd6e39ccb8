/**
 * The guides: Markdown files of `docs/guides`, in the order in which they are read. Each begins with its heading,
 * then a paragraph that says what it is about, which search engines show too.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from './page.ts';
import { plain } from './prose.ts';

/** The built program is one folder deeper than its source. */
const FOLDERS = ['../../../../docs/guides/', '../../../../../docs/guides/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

export const GUIDES = [
  'quickstart',
  'sending',
  'receiving',
  'pace',
  'errors-and-retries',
  'sandbox',
  'pairing-a-mac',
  'pairing-an-iphone',
  'assistants',
  'operating',
  'from-texting-blue',
  'from-textree',
  'from-inkbox',
  'from-textus',
] as const;

export function guidePages(): Page[] {
  const folder = FOLDERS.find((one) => existsSync(one));
  if (folder === undefined) throw new Error(`The guides are in none of ${FOLDERS.join(', ')}.`);
  return GUIDES.map((name) => guidePage(name, readFileSync(`${folder}${name}.md`, 'utf8')));
}

function guidePage(name: string, text: string): Page {
  const [first = '', lead = ''] = text.split(/\n\s*\n/, 2);
  const heading = plain(first.replace(/^# /, ''));
  return {
    path: `/docs/guides/${name}`,
    heading,
    title: `${heading}: Homing guide`,
    description: plain(lead.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('**', '')),
    markdown: () => text.trimEnd(),
  };
}
