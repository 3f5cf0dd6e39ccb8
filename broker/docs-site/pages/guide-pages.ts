/**
 * The guides: Markdown files of `docs/guides`, in the order in which they are read. Each begins with its heading,
 * then a paragraph that says what it is about, which search engines show too.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from './page.ts';
import { plain } from './prose.ts';

/** The built program is one folder deeper than its source. */
const FOLDERS = ['../../../docs/guides/', '../../../../docs/guides/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** By the part of the navigation that they stand in. */
const PARTS = {
  Begin: ['quickstart', 'sending', 'receiving', 'pace', 'errors-and-retries'],
  'Run it': ['sandbox', 'pairing-a-mac', 'pairing-an-iphone', 'assistants', 'operating'],
  'Move to it': ['from-texting-blue', 'from-textree', 'from-inkbox', 'from-textus'],
} as const;

export const GUIDES: readonly string[] = Object.values(PARTS).flat();

export interface GuidePart {
  name: string;
  pages: Page[];
}

export function guideParts(): GuidePart[] {
  const folder = FOLDERS.find((one) => existsSync(one));
  if (folder === undefined) throw new Error(`The guides are in none of ${FOLDERS.join(', ')}.`);
  return Object.entries(PARTS).map(([name, guides]) => ({
    name,
    pages: guides.map((guide) => guidePage(guide, readFileSync(`${folder}${guide}.md`, 'utf8'))),
  }));
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
