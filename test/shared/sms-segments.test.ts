import fc from 'fast-check';
import { split } from 'split-sms';
import { expect, it } from 'vitest';
import { countSegments } from '../../shared/sms-segments.ts';

it.each([
  ['', 1],
  ['a'.repeat(160), 1],
  ['a'.repeat(161), 2],
  ['a'.repeat(306), 2],
  ['a'.repeat(307), 3],
  ['é'.repeat(160), 1],
  ['€'.repeat(80), 1],
  ['€'.repeat(81), 2],
  ['ж'.repeat(70), 1],
  ['ж'.repeat(71), 2],
  ['ж'.repeat(134), 2],
  ['ж'.repeat(135), 3],
  ['🎉'.repeat(35), 1],
  ['🎉'.repeat(36), 2],
  // A character of two units is never split between two segments.
  [`${'ж'.repeat(66)}🎉${'ж'.repeat(66)}`, 3],
  [`${'a'.repeat(152)}€${'b'.repeat(153)}`, 3],
])('countSegments of %j returns %d', (text, segments) => {
  expect(countSegments(text)).toBe(segments);
});

it('countSegments returns the same number as split-sms for any text', () => {
  const text = fc.oneof(fc.string({ maxLength: 200 }), fc.string({ unit: 'grapheme', maxLength: 100 }));
  fc.assert(
    fc.property(text, (sample) => {
      if (sample !== '') expect(countSegments(sample)).toBe(split(sample).parts.length);
    }),
  );
});
