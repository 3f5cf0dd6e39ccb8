/**
 * Which of the messages that have all the words fits best: BM25 over the candidates alone, so that its cost follows
 * their number and not the history's. Between equals the newer one goes first.
 */
import { searchWords } from './search-words.ts';

const SATURATION = 1.2;
const LENGTH_WEIGHT = 0.75;

export interface Candidate {
  id: string;
  content: string;
}

/** Best first. The candidates come newest first. */
export function rankByRelevance(
  candidates: readonly Candidate[],
  phrases: readonly (readonly string[])[],
): string[] {
  const texts = candidates.map(({ content }) => searchWords(content));
  const averageLength = texts.reduce((sum, words) => sum + words.length, 0) / Math.max(1, texts.length);
  const counts = phrases.map((phrase) => texts.map((words) => occurrences(words, phrase)));
  const weights = counts.map((found) => {
    const having = found.filter((count) => count > 0).length;
    return Math.log(1 + (texts.length - having + 0.5) / (having + 0.5));
  });
  const scored = candidates.map(({ id }, index) => {
    const length = texts[index]!.length / Math.max(1, averageLength);
    const score = counts.reduce((sum, found, phrase) => {
      const count = found[index]!;
      const saturated =
        (count * (SATURATION + 1)) / (count + SATURATION * (1 - LENGTH_WEIGHT + LENGTH_WEIGHT * length));
      return sum + weights[phrase]! * saturated;
    }, 0);
    return { id, score, index };
  });
  return scored.sort((a, b) => b.score - a.score || a.index - b.index).map(({ id }) => id);
}

function occurrences(words: readonly string[], phrase: readonly string[]): number {
  let found = 0;
  for (let start = 0; start + phrase.length <= words.length; start += 1) {
    if (phrase.every((word, offset) => words[start + offset] === word)) found += 1;
  }
  return found;
}
