/** Splits a search text into the phrases that a message must contain. */
import { searchPhrases } from '../../core/inbox/search-words.ts';

export interface SearchTerms {
  /** The words of a phrase are adjacent. */
  phrases: readonly (readonly string[])[];
  /** Whether the last word may be the beginning of a word. */
  isLastBeginning: boolean;
}

/** A shorter last word is not completed: too many words begin with it. */
const COMPLETED_MIN = 2;

/** Returns undefined if the text has no words. */
export function searchTerms(text: string): SearchTerms | undefined {
  const phrases = searchPhrases(text);
  if (phrases.length === 0) return undefined;
  const isComplete = /["\s]$/u.test(text) || (phrases.at(-1)?.at(-1)?.length ?? 0) < COMPLETED_MIN;
  return { phrases, isLastBeginning: !isComplete };
}

/** Returns whether the words of a text contain all phrases. */
export function hasPhrases(words: readonly string[], { phrases, isLastBeginning }: SearchTerms): boolean {
  return phrases.every((phrase, place) => {
    const last = isLastBeginning && place === phrases.length - 1 ? phrase.length - 1 : phrase.length;
    return words.some((_, start) =>
      phrase.every((word, offset) =>
        offset === last ? words[start + offset]?.startsWith(word) : words[start + offset] === word,
      ),
    );
  });
}
