import fc from 'fast-check';
import { expect, it } from 'vitest';
import { searchPhrases, searchWords } from '../../../../broker/core/inbox/search-words.ts';

it.each([
  ['Hello, World!', ['hello', 'world']],
  ["it's 5pm", ['it', 's', '5pm']],
  ['CAFÉ crème', ['cafe', 'creme']],
  ['ﬁne', ['fine']],
  ['👍 ok 👍🏽', ['u1f44d', 'ok', 'u1f44d']],
  ['明日は', ['明', '日', 'は']],
  ['STRASSE straße', ['strasse', 'straße']],
  ['under_score', ['under', 'score']],
  ['', []],
  ['\0\u202e ', []],
])('searchWords splits %j into %j', (text, words) => {
  expect(searchWords(text)).toEqual(words);
});

it.each([
  ['dinner friday', [['dinner'], ['friday']]],
  ['"on friday" dinner', [['on', 'friday'], ['dinner']]],
  ['"unclosed phrase', [['unclosed', 'phrase']]],
  ['e-mail', [['e', 'mail']]],
  ['" " * "" NEAR', [['near']]],
])('searchPhrases splits %j into %j', (query, phrases) => {
  expect(searchPhrases(query)).toEqual(phrases);
});

it('searchWords returns only letters and digits, and the same words on the fast path as on the general path', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const words = searchWords(text);
      for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
      // The non-ASCII letter selects the general path and adds one word.
      expect(searchWords(`${text} é`)).toEqual([...words, 'e']);
    }),
  );
});
