/** Tests that ids never go backwards when the system clock is set. */
import { expect, it } from 'vitest';
import { createIdSource, createResumableIdSource, idAt, timeOfId } from '../../shared/ids.ts';

const NOW = Date.UTC(2026, 10, 28);
const DAY = 86_400_000;

it('ids stay in ascending order when the clock is set back by 30 days', () => {
  let now = NOW + 30 * DAY;
  const ids = createIdSource(() => now);
  const made = [ids(), ids()];
  now = NOW;
  made.push(ids(), ids());
  now = NOW + 31 * DAY;
  made.push(ids());
  expect(made.toSorted()).toEqual(made);
  expect(timeOfId(made.at(-1)!)).toBe(now);
});

it('a new process continues after the ids of the previous one', () => {
  const source = createResumableIdSource(() => NOW);
  const stored = idAt(NOW + 30 * DAY);
  source.continueAfter(stored);
  const made = [source.next(), source.next()];
  expect([stored, ...made].toSorted()).toEqual([stored, ...made]);
  const behind = idAt(NOW - DAY);
  const second = createResumableIdSource(() => NOW);
  second.continueAfter(behind);
  expect(timeOfId(second.next())).toBe(NOW);
});
