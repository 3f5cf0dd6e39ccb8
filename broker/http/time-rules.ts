/** Times in requests: ISO 8601 with a zone; as the domain has them, epoch ms. */
import { z } from 'zod';

const YEAR_MS = 366 * 86_400_000;

/** Any time. */
export function timeIn(name: string) {
  return z.iso
    .datetime({ offset: true, error: `'${name}' must be a time such as 2026-11-21T15:00:00Z.` })
    .transform((text) => Date.parse(text));
}

/** A time ahead, at most a year. */
export function timeAhead(name: string, now: () => number) {
  return timeIn(name).refine((at) => at > now() && at <= now() + YEAR_MS, {
    error: `'${name}' must be in the future, within a year.`,
  });
}
