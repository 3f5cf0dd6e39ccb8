/**
 * Searches the pages of the documentation, by section. A section matches if it contains every word of the query, or words
 * that begin with it. Matches in headings count more than matches in the text.
 */
import { setImmediate } from 'node:timers/promises';
import GithubSlugger from 'github-slugger';
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

export const QUERY_MAX_CHARACTERS = 200;
const WORDS_MAX = 8;
const RESULTS_MAX = 20;
const RESULTS_OF_A_PAGE = 3;
const EXCERPT_CHARACTERS = 160;

const PAGE_WEIGHT = 20;
const SECTION_WEIGHT = 10;
/** More occurrences in the text of a section do not count. */
const TEXT_WEIGHT_MAX = 5;
/** A reference page must not hide a guide that explains the same. */
const GUIDE_WEIGHT = 2;

/** Indexes one page after the other, so that other requests are served in between. */
export async function createSearch(site: Pick<Site, 'pages' | 'markdownOf'>): Promise<Search> {
  const sections: Section[] = [];
  const weights = new Map<string, Map<number, number>>();
  for (const page of site.pages.values()) {
    await setImmediate();
    // Several APIs have operations of the same name.
    const heading = page.path.startsWith(REFERENCE_PATH) ? page.title : page.heading;
    for (const section of sectionsOf(page.path, heading, site.markdownOf(page))) {
      if (isRepeated(section)) continue;
      for (const [word, weight] of wordWeights(section)) {
        const known = weights.get(word) ?? new Map<number, number>();
        weights.set(word, known.set(sections.length, weight));
      }
      sections.push(section);
    }
  }
  const words = [...weights.keys()].toSorted();

  /** Weights of the sections with words that begin with the given one. A complete word counts twice. */
  const match = (part: string): Map<number, number> => {
    const found = new Map<number, number>();
    for (let at = firstAt(words, part); words[at]?.startsWith(part); at++) {
      const word = words[at] ?? '';
      for (const [index, weight] of weights.get(word) ?? []) {
        const value = word === part ? weight * 2 : weight;
        found.set(index, Math.max(found.get(index) ?? 0, value));
      }
    }
    return found;
  };

  return (query) => {
    const parts = [...new Set(wordsOf(query.slice(0, QUERY_MAX_CHARACTERS)))].slice(0, WORDS_MAX);
    if (parts.length === 0) return [];
    const phrase = parts.length > 1 ? query.trim().toLowerCase() : undefined;
    const [first = new Map<number, number>(), ...others] = parts.map(match);
    const scored = [...first].flatMap(([index, weight]) => {
      const rest = others.map((other) => other.get(index));
      const section = sections[index];
      if (section === undefined || rest.includes(undefined)) return [];
      const sum =
        rest.reduce<number>((total, one) => total + (one ?? 0), weight) + phraseWeight(section, phrase);
      return [{ section, score: section.path.startsWith('/docs/guides/') ? sum * GUIDE_WEIGHT : sum }];
    });
    const ofPage = new Map<string, number>();
    return scored
      .toSorted((one, other) => other.score - one.score)
      .filter(({ section: { heading } }) => {
        const count = (ofPage.get(heading) ?? 0) + 1;
        ofPage.set(heading, count);
        return count <= RESULTS_OF_A_PAGE;
      })
      .slice(0, RESULTS_MAX)
      .map(({ section: { path, heading, section, text } }) => ({
        ...{ path, heading, section },
        excerpt: excerptOf(text, phrase === undefined ? parts : [phrase, ...parts]),
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

function wordWeights({ heading, section = '', text }: Section): Map<string, number> {
  const weights = new Map<string, number>();
  const add = (word: string, weight: number, max = Number.POSITIVE_INFINITY) =>
    weights.set(word, Math.min(max, (weights.get(word) ?? 0) + weight));
  for (const word of wordsOf(text)) add(word, 1, TEXT_WEIGHT_MAX);
  for (const word of new Set(wordsOf(section))) add(word, SECTION_WEIGHT);
  for (const word of new Set(wordsOf(heading))) add(word, section === '' ? PAGE_WEIGHT : TEXT_WEIGHT_MAX);
  return weights;
}

/** The words of the query in their order count more than the same words apart. */
function phraseWeight({ heading, section = '', text }: Section, phrase: string | undefined): number {
  if (phrase === undefined) return 0;
  if (`${heading}\n${section}`.toLowerCase().includes(phrase)) return PAGE_WEIGHT;
  return text.toLowerCase().includes(phrase) ? SECTION_WEIGHT : 0;
}

/** Index of the first word that is not before the given one. */
function firstAt(words: readonly string[], word: string): number {
  let low = 0;
  for (let high = words.length; low < high; ) {
    const middle = (low + high) >> 1;
    if ((words[middle] ?? '') < word) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Text around the first given part that occurs. */
function excerptOf(text: string, parts: readonly string[]): string {
  const lower = text.toLowerCase();
  const at = parts.map((part) => lower.indexOf(part)).find((found) => found >= 0) ?? 0;
  const start = at < EXCERPT_CHARACTERS / 2 ? 0 : text.indexOf(' ', at - EXCERPT_CHARACTERS / 3) + 1;
  const excerpt = text.slice(start, start + EXCERPT_CHARACTERS);
  return `${start === 0 ? '' : '… '}${excerpt}${start + EXCERPT_CHARACTERS < text.length ? '…' : ''}`;
}
