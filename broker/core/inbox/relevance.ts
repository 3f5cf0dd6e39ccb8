/**
 * Ranks search results by BM25. The statistics come from the candidates only, so the cost depends on their number and
 * not on the size of the history. Newer messages precede older ones with an equal score.
 */
import { searchWords } from './search-words.ts';

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

export interface Candidate {
  id: string;
  content: string;
}

/** Returns ids, best match first. Expects the candidates newest first. */
export function rankByRelevance(
  candidates: readonly Candidate[],
  phrases: readonly (readonly string[])[],
): string[] {
  const texts = candidates.map(({ id, content }) => {
    const words = searchWords(content);
    return { id, length: words.length, counts: phrases.map((phrase) => occurrences(words, phrase)) };
  });
  const averageLength = texts.reduce((sum, { length }) => sum + length, 0) / Math.max(1, texts.length);
  const weights = phrases.map((_, phrase) => {
    const matching = texts.filter(({ counts }) => (counts[phrase] ?? 0) > 0).length;
    return Math.log(1 + (texts.length - matching + 0.5) / (matching + 0.5));
  });
  const scored = texts.map(({ id, length, counts }) => {
    const relativeLength = length / Math.max(1, averageLength);
    const score = weights.reduce((sum, weight, phrase) => {
      const count = counts[phrase] ?? 0;
      const saturated =
        (count * (SATURATION + 1)) /
        (count + SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * relativeLength));
      return sum + weight * saturated;
    }, 0);
    return { id, score };
  });
  // The sort is stable, so equal scores stay in the order of the candidates.
  return scored.sort((a, b) => b.score - a.score).map(({ id }) => id);
}

function occurrences(words: readonly string[], phrase: readonly string[]): number {
  let found = 0;
  for (let start = 0; start + phrase.length <= words.length; start += 1) {
    if (phrase.every((word, offset) => words[start + offset] === word)) found += 1;
  }
  return found;
}
