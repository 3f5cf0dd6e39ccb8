/**
 * Searches the pages of the documentation, by section. A section matches if it contains each word of the query, a word
 * that begins with it, or a word with a small difference. Matches in headings count more than matches in the text.
 */
import { setImmediate } from 'node:timers/promises';
import GithubSlugger from 'github-slugger';
import MiniSearch from 'minisearch';
import { REFERENCE_PATH } from './reference-pages.ts';
import type { Site } from './site.ts';

export interface SearchResult {
  /** Path with the anchor of the section: `/docs/guides/send#retry`. */
  path: string;
  /** Heading of the page, and of the section if it is not the first one. */
  heading: string;
  section: string | undefined;
  /** Text around the first match. */
  excerpt: string;
}

export type Search = (query: string) => SearchResult[];

interface Section {
  path: string;
  heading: string;
  section: string | undefined;
  text: string;
}

const WORDS_MAX = 8;
const RESULTS_MAX = 20;
const RESULTS_OF_A_PAGE = 3;
const EXCERPT_CHARACTERS = 160;

/** Indexes one page after the other, so that other requests are served in between. */
export async function createSearch(site: Pick<Site, 'pages' | 'markdownOf'>): Promise<Search> {
  const sections: Section[] = [];
  const index = new MiniSearch<Section & { id: number }>({
    fields: ['heading', 'section', 'text'],
    tokenize: wordsOf,
    searchOptions: {
      boost: { heading: 4, section: 3 },
      // The page of an operation must not hide a guide that explains the same.
      boostDocument: (id) => (sections[id]?.path.startsWith('/docs/guides/') ? 2 : 1),
      combineWith: 'AND',
      prefix: true,
      fuzzy: (word) => (word.length > 4 ? 0.2 : false),
    },
  });
  for (const page of site.pages.values()) {
    await setImmediate();
    // Several APIs have operations of the same name.
    const heading = page.path.startsWith(REFERENCE_PATH) ? page.title : page.heading;
    for (const section of sectionsOf(page.path, heading, site.markdownOf(page))) {
      if (isRepeated(section)) continue;
      index.add({ ...section, id: sections.length });
      sections.push(section);
    }
  }

  return (query) => {
    const words = [...new Set(wordsOf(query))].slice(0, WORDS_MAX);
    const ofPage = new Map<string, number>();
    return index
      .search(words.join(' '))
      .flatMap(({ id, terms }) => {
        const section = sections[id];
        return section === undefined ? [] : [{ ...section, terms }];
      })
      .filter(({ heading }) => {
        const count = (ofPage.get(heading) ?? 0) + 1;
        ofPage.set(heading, count);
        return count <= RESULTS_OF_A_PAGE;
      })
      .slice(0, RESULTS_MAX)
      .map(({ path, heading, section, text, terms }) => ({
        ...{ path, heading, section },
        excerpt: excerptOf(text, [query.trim().toLowerCase(), ...words, ...terms]),
      }));
  };
}

/** The errors and samples of an operation resemble those of every other operation. */
function isRepeated({ path }: Section): boolean {
  return /^\/docs\/reference\/[^/]+\/[^/]+#(?:errors|samples)$/.test(path);
}

/** Splits a page at its headings of level 2. The anchors equal the ids of the rendered page. */
function sectionsOf(path: string, heading: string, markdown: string): Section[] {
  const slugger = new GithubSlugger();
  const sections: (Section & { lines: string[] })[] = [];
  const open = (at: string, section: string | undefined) => {
    const lines: string[] = [];
    sections.push({ path: at, heading, section, text: '', lines });
    return lines;
  };
  let lines = open(path, undefined);
  let isCode = false;
  for (const line of markdown.split('\n')) {
    if (/^\s*```/.test(line)) isCode = !isCode;
    const [, marks = '', title = ''] = (isCode ? null : /^(#{2,6}) (.*)$/.exec(line)) ?? [];
    const text = plainText(title);
    const slug = marks === '' ? '' : slugger.slug(text);
    if (marks === '##') lines = open(`${path}#${slug}`, text);
    else if (!/^# |^\|(?:---\|)+$/.test(line)) lines.push(line);
  }
  return sections.map(({ lines, ...section }) => ({ ...section, text: plainText(lines.join(' ')) }));
}

/** Removes the Markdown syntax. */
function plainText(markdown: string): string {
  return markdown
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll(/\\([\\`*_[\]<>#|~&!])/g, '$1')
    .replaceAll(/```\w*|`|\*\*|(?<=^|\s)(?:#+|\|)(?=\s|$)/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

/** Words in lower case. A name such as `send_at` is one word, and each of its parts. */
function wordsOf(text: string): string[] {
  return (text.toLowerCase().match(/[\p{L}\p{N}_-]+/gu) ?? []).flatMap((word) => {
    const parts = word.split(/[_-]+/).filter((part) => part !== '');
    return parts.length > 1 ? [word, ...parts] : parts;
  });
}

/** Text around the first given part that occurs. */
function excerptOf(text: string, parts: readonly string[]): string {
  const lower = text.toLowerCase();
  const at = parts.map((part) => lower.indexOf(part)).find((found) => found >= 0) ?? 0;
  const start = at < EXCERPT_CHARACTERS / 2 ? 0 : text.indexOf(' ', at - EXCERPT_CHARACTERS / 3) + 1;
  const excerpt = text.slice(start, start + EXCERPT_CHARACTERS);
  return `${start === 0 ? '' : '… '}${excerpt}${start + EXCERPT_CHARACTERS < text.length ? '…' : ''}`;
}
