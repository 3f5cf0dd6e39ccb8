/**
 * Splits text into the words of the full-text index: lower case, without accents.
 *
 * - In scripts without spaces between words, each character is a word. An emoji is a word.
 * - Indexed texts and search queries are split by the same function, so a query cannot contain operators.
 */
const ACCENTS = /[\u0300-\u036f]/g;
const WORDS = /\p{Extended_Pictographic}|[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}]/u;

/** Fast path: most texts are ASCII only. */
const ASCII = /^[\x00-\x7f]*$/;
const ASCII_WORDS = /[a-z0-9]+/g;

/** Returns the text in lower case and without accents. */
export function foldText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase();
}

/** Returns the words in order. */
export function searchWords(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(ASCII_WORDS) ?? [];
  const plain = foldText(text);
  const words: string[] = [];
  for (const [word] of plain.matchAll(WORDS)) {
    if (/^\p{Extended_Pictographic}$/u.test(word)) words.push(`u${word.codePointAt(0)?.toString(16)}`);
    else if (UNSPACED.test(word)) words.push(...(word.match(/\p{L}\p{M}*|\p{N}+/gu) ?? []));
    else words.push(word);
  }
  return words;
}

/**
 * Splits a search query into phrases. The words of a phrase must be adjacent: quoted text, or a word of a script
 * without spaces. A match contains all phrases.
 */
export function searchPhrases(query: string): string[][] {
  return query
    .split('"')
    .flatMap((piece, index) => {
      if (index % 2 === 1) return [searchWords(piece)];
      return piece.split(/\s+/u).map(searchWords);
    })
    .filter((words) => words.length > 0);
}
