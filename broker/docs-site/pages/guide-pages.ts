/**
 * Lists the guides, the Markdown files of `docs/guides`, in reading order. Each guide begins with its heading and one
 * paragraph, which is also the description for search engines.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from './page.ts';
import { plain } from './prose.ts';

/** Relative to the source, and to the built file, which is one folder deeper. */
const FOLDERS = ['../../../docs/guides/', '../../../../docs/guides/'].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

/** The guides of each section of the navigation, in reading order. */
const PARTS = {
  Begin: [
    'quickstart',
    'send',
    'receive',
    'reactions-and-replies',
    'groups',
    'limits-and-pace',
    'errors-and-retries',
    'sandbox',
  ],
  'Run it': [
    'dashboard',
    'pair-a-mac',
    'unattended-mac',
    'pair-an-iphone',
    'what-works-where',
    'assistants',
    'deploy',
    'containers',
    'operate',
    'postgresql',
    'plans',
    'troubleshoot',
  ],
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
