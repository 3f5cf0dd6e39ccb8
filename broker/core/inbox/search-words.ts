/**
 * Text as full-text search knows it: lower-case words without accents. Scripts that put no spaces between words
 * count character by character, and an emoji is a word of its own, so that both are found. What is written into the
 * index and what is looked for go through here, so whatever somebody types is only ever words.
 */
const ACCENTS = /[\u0300-\u036f]/g;
const WORDS = /\p{Extended_Pictographic}|[\p{L}\p{N}\p{M}]+/gu;
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Khmer}\p{Script=Lao}\p{Script=Myanmar}]/u;

/** What most texts are made of, and takes a fraction of the time. */
const ASCII = /^[\x00-\x7f]*$/;
const ASCII_WORDS = /[a-z0-9]+/g;

/** In order; a run of characters without spaces between them gives one word for each character. */
export function searchWords(text: string): string[] {
  if (ASCII.test(text)) return text.toLowerCase().match(ASCII_WORDS) ?? [];
  const plain = text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase();
  const words: string[] = [];
  for (const [word] of plain.matchAll(WORDS)) {
    if (/^\p{Extended_Pictographic}$/u.test(word)) words.push(`u${word.codePointAt(0)!.toString(16)}`);
    else if (UNSPACED.test(word)) words.push(...(word.match(/\p{L}\p{M}*|\p{N}+/gu) ?? []));
    else words.push(word);
  }
  return words;
}

/**
 * What is looked for: each is a run of words that must stand side by side (what the user put in quotes, or a word
 * of a script without spaces), and all must be there.
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
