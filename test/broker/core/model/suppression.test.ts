/** Tests the keywords that opt a sender out, by the country of the number that received them. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { OPT_OUT_WORDS } from '../../../../broker/core/model/opt-out-words.ts';
import { optKeywordOf } from '../../../../broker/core/model/suppression.ts';

it('docs/guides/send.md lists every word with its country codes', () => {
  const guide = readFileSync(new URL('../../../../docs/guides/send.md', import.meta.url), 'utf8');
  const rows = [...guide.matchAll(/^\| \w+ \| (`[A-Z`, ]+) \| ([\d ,to]+) \|$/gm)];
  const listed = rows.flatMap(([, words = '', codes = '']) =>
    codes.split(', ').flatMap((range) => {
      const [from, to = from] = range.split(' to ').map(Number) as [number, number?];
      return Array.from({ length: to - from + 1 }, (_, offset) =>
        words.split(', ').map((word) => `${from + offset} ${word.replaceAll('`', '')}`),
      ).flat();
    }),
  );
  expect(new Set(listed)).toEqual(
    new Set(OPT_OUT_WORDS.flatMap(([code, words]) => [...words].map((word) => `${code} ${word}`))),
  );
});

describe('optKeywordOf', () => {
  it.each([
    ['+33612345678', 'arrêt', 'ARRET'],
    ['+32470123456', 'Afmelden', 'AFMELDEN'],
    ['+14165550100', 'ARRÊT.', 'ARRET'],
    ['+34612345678', 'Alto', 'ALTO'],
    ['+34612345678', 'parar', 'PARAR'],
    ['+5215512345678', 'BAJA!', 'BAJA'],
    ['+4915112345678', 'stopp', 'STOPP'],
    ['+41791234567', ' Abmelden ', 'ABMELDEN'],
    ['+393123456789', 'ferma', 'FERMA'],
    ['+5511912345678', 'Sair', 'SAIR'],
    ['+351912345678', 'cancelar', 'CANCELAR'],
    ['+31612345678', 'stoppen', 'STOPPEN'],
    ['+46701234567', 'AVSLUTA', 'AVSLUTA'],
    ['+358401234567', 'lopeta', 'LOPETA'],
    ['+48512345678', 'wypisz', 'WYPISZ'],
    ['+819012345678', 'Stop', 'STOP'],
  ])('%s: %j opts its sender out', (own, text, word) => {
    expect(optKeywordOf(text, own)).toEqual({ word, isOut: true });
  });

  it.each([
    ['+14155550199', 'STOPP'],
    ['+447911123456', 'ARRET'],
    ['+33612345678', 'BAJA'],
    ['+4915112345678', 'Stopp mal kurz'],
    ['+819012345678', 'PARAR'],
  ])('%s: %j does not', (own, text) => {
    expect(optKeywordOf(text, own)).toBeUndefined();
  });

  it('START opts in again in every country', () => {
    for (const own of ['+14155550199', '+33612345678', '+819012345678']) {
      expect(optKeywordOf('Start', own)).toEqual({ word: 'START', isOut: false });
    }
  });
});
