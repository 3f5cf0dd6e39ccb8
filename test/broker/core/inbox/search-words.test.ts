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
])('%j has the words %j', (text, words) => {
  expect(searchWords(text)).toEqual(words);
});

it.each([
  ['dinner friday', [['dinner'], ['friday']]],
  ['"on friday" dinner', [['on', 'friday'], ['dinner']]],
  ['"unclosed phrase', [['unclosed', 'phrase']]],
  ['e-mail', [['e', 'mail']]],
  ['" " * "" NEAR', [['near']]],
])('%j looks for %j', (query, phrases) => {
  expect(searchPhrases(query)).toEqual(phrases);
});

it('gives words of letters and digits only, the same for plain text as the long way gives', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const words = searchWords(text);
      for (const word of words) expect(word).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
      // A letter that is no ASCII takes the long way, and is a word of its own here.
      expect(searchWords(`${text} é`)).toEqual([...words, 'e']);
    }),
  );
});
