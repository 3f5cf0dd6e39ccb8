/** The functions that read the text of a message: none occupies the process, whatever the text. */
import { describe, expect, it } from 'vitest';
import { formattedBody } from '../../broker/apis/textus/formatted-body.ts';
import { searchPhrases, searchWords } from '../../broker/core/inbox/search-words.ts';
import { CONTENT_MAX_CHARACTERS } from '../../broker/core/model/message.ts';
import { optKeywordOf } from '../../broker/core/model/suppression.ts';
import { fieldsIn, mergeFields } from '../../shared/merge-fields.ts';
import { maskNumbers, normalizeHandle } from '../../shared/phone-numbers.ts';
import { countSegments } from '../../shared/sms-segments.ts';

/** The most characters that a device may report in one message. */
const INBOUND_MAX = 100_000;
/** Limit on a fast processor. */
const CPU_LIMIT_MS = 20;
/** Limit on any processor, as a multiple of the time in which it copies such a text in its characters. */
const COPIES_MAX = 20;
const RUNS = 25;

const UNITS = [
  ...[
    'a',
    ' ',
    '\n',
    '\r\n',
    '.',
    '@',
    ':',
    '/',
    '&',
    '<',
    '"',
    '{',
    '}',
    '{{',
    '{{a',
    '{{a}}',
    '{{{a}}}',
    '+',
    '1',
  ],
  ...[
    'a.',
    'a. ',
    'aaa. ',
    'a.b ',
    'a@',
    'a@b.',
    'a.b-c+',
    'http://',
    'https://a.',
    'mailto:',
    'a/',
    'a:',
    '(a',
    '\\',
  ],
  ...['😀', 'é', 'e\u0301', '漢', 'ก', '\u200d', '\0', '\ud800', '+1415555', '%', 'STOP ', '!', '.!'],
];

const FUNCTIONS: Array<[name: string, characters: number, run: (text: string) => unknown]> = [
  ['formattedBody', INBOUND_MAX, formattedBody],
  ['optKeywordOf', INBOUND_MAX, (text) => optKeywordOf(text, '+4915112345678')],
  ['searchWords', INBOUND_MAX, searchWords],
  ['searchPhrases', INBOUND_MAX, searchPhrases],
  ['normalizeHandle', INBOUND_MAX, normalizeHandle],
  ['maskNumbers', INBOUND_MAX, maskNumbers],
  ['countSegments', INBOUND_MAX, countSegments],
  ['mergeFields', CONTENT_MAX_CHARACTERS, (text) => mergeFields(text, new Map([['a', 'b']]))],
  ['fieldsIn', CONTENT_MAX_CHARACTERS, fieldsIn],
];

function textsOf(characters: number): string[] {
  return UNITS.flatMap((unit) => {
    const text = unit.repeat(Math.ceil(characters / unit.length)).slice(0, characters);
    return [text, `https://example.com/${text}`.slice(0, characters), `${text.slice(0, -3)}@é)`];
  });
}

describe('a text of the maximum length', () => {
  it.each(FUNCTIONS)('takes %s of %i characters little processor time', (_name, characters, run) => {
    const copyMs = leastCpuMs(() => JSON.parse(JSON.stringify([...'a'.repeat(INBOUND_MAX)])), 0);
    const limitMs = Math.max(CPU_LIMIT_MS, COPIES_MAX * copyMs);
    const slow = textsOf(characters)
      .map((text) => ({ text: text.slice(0, 20), limitMs, ms: leastCpuMs(() => run(text), limitMs) }))
      .filter(({ ms }) => ms > limitMs);
    expect(slow).toEqual([]);
  });
});

/** The least of several runs, or the first one up to `enough`: the others also measure compilation and garbage collection. */
function leastCpuMs(run: () => unknown, enough: number): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < RUNS && least > enough; i++) {
    const start = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
