/**
 * Converts words and search terms to the texts of `tsvector` and `tsquery`.
 *
 * - The tenant and the number of a message are words too. They begin with `#`, which no word of a text contains, so one
 *   index finds the words of one number.
 * - PostgreSQL limits the length of a word, the positions, and the size of a vector. Long words are shortened. A text with
 *   more positions than fit has the word `#long`: its phrases must be compared with the text.
 */
import { createHash } from 'node:crypto';
import type { SearchTerms } from '../search/search-terms.ts';

/** PostgreSQL allows 2,046 bytes a word, and fewer in an index. */
const WORD_MAX_BYTES = 1_000;
const UTF8_MAX_BYTES = 3;
const HEAD_CHARACTERS = 300;
const POSITION_MAX = 16_383;
const POSITIONS_A_WORD_MAX = 255;
const VECTOR_MAX_BYTES = 1_048_575;
/** Bytes of one word beside its text, without positions; and of one position. */
const OVERHEAD_BYTES = 4;
const POSITION_BYTES = 2;

const LONG = '#long';

interface Scope {
  tenantId: number;
  numberId: string;
}

/** Returns the text of a `tsvector`. Words beyond a megabyte are left out. */
export function vectorOf({ tenantId, numberId }: Scope, words: readonly string[]): string {
  const positions = new Map<string, number[]>();
  let isLong = words.length > POSITION_MAX;
  for (const [index, word] of words.entries()) {
    const lexeme = lexemeOf(word);
    const own = positions.get(lexeme);
    if (own === undefined) positions.set(lexeme, index < POSITION_MAX ? [index + 1] : []);
    else if (own.length < POSITIONS_A_WORD_MAX && index < POSITION_MAX) own.push(index + 1);
    else isLong = true;
  }
  const scope = [quoted(tenantWord(tenantId)), quoted(numberWord(numberId))];
  if (sizeOf(positions, words.length * POSITION_BYTES) <= VECTOR_MAX_BYTES) {
    const texts = [...positions].map(([lexeme, own]) =>
      own.length === 0 ? quoted(lexeme) : `${quoted(lexeme)}:${own.join(',')}`,
    );
    return [...scope, ...(isLong ? [quoted(LONG)] : []), ...texts].join(' ');
  }
  return [...scope, quoted(LONG), ...fitting(positions.keys()).map(quoted)].join(' ');
}

export interface Query {
  /** Text of a `tsquery`. */
  text: string;
  /** Whether messages with the word `#long` may match without having the phrases. */
  isApproximate: boolean;
}

/** `numberId` is undefined for all numbers of the tenant. */
export function queryOf(
  { tenantId, numberId }: Omit<Scope, 'numberId'> & { numberId: string | undefined },
  { phrases, isLastBeginning }: SearchTerms,
): Query {
  const scope = numberId === undefined ? [] : [quoted(numberWord(numberId))];
  const texts = phrases.map((words, place) => {
    const isLast = isLastBeginning && place === phrases.length - 1;
    const parts = words.map((word, index) =>
      isLast && index === words.length - 1 ? `${quoted(beginningOf(word))}:*` : quoted(lexemeOf(word)),
    );
    if (parts.length === 1) return parts[0];
    return `((${parts.join(' <-> ')}) | (${[quoted(LONG), ...new Set(parts)].join(' & ')}))`;
  });
  return {
    text: [quoted(tenantWord(tenantId)), ...scope, ...texts].join(' & '),
    isApproximate: phrases.some(({ length }) => length > 1),
  };
}

/** The `tsquery` of texts with more positions than fit. */
export const LONG_QUERY = quoted(LONG);

const tenantWord = (tenantId: number) => `#t${tenantId}`;
const numberWord = (numberId: string) => `#n${numberId}`;

/** Words contain letters and digits only. */
function quoted(lexeme: string): string {
  return `'${lexeme}'`;
}

function lexemeOf(word: string): string {
  if (!isTooLong(word)) return word;
  const hash = createHash('sha256').update(word).digest('hex').slice(0, 32);
  return `${headOf(word)}#${hash}`;
}

/** A search for the beginning of a long word finds all words with the same first characters. */
function beginningOf(word: string): string {
  return isTooLong(word) ? headOf(word) : word;
}

function isTooLong(word: string): boolean {
  return word.length * UTF8_MAX_BYTES > WORD_MAX_BYTES && Buffer.byteLength(word) > WORD_MAX_BYTES;
}

function headOf(word: string): string {
  return word
    .slice(0, HEAD_CHARACTERS)
    .toWellFormed()
    .replace(/\ufffd$/, '');
}

/** Returns an upper bound if it is small, otherwise the exact size. */
function sizeOf(positions: ReadonlyMap<string, unknown>, positionBytes: number): number {
  let characters = 0;
  for (const lexeme of positions.keys()) characters += lexeme.length;
  const rest = positions.size * OVERHEAD_BYTES + positionBytes;
  const bound = characters * UTF8_MAX_BYTES + rest;
  if (bound <= VECTOR_MAX_BYTES) return bound;
  let bytes = rest;
  for (const lexeme of positions.keys()) bytes += Buffer.byteLength(lexeme);
  return bytes;
}

const SCOPE_BYTES = 200;

function fitting(lexemes: Iterable<string>): string[] {
  const kept: string[] = [];
  let bytes = SCOPE_BYTES;
  for (const lexeme of lexemes) {
    bytes += Buffer.byteLength(lexeme);
    if (bytes > VECTOR_MAX_BYTES) break;
    kept.push(lexeme);
  }
  return kept;
}
