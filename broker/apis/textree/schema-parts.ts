/** What the Textree API's schemas have in common. */
import { z } from 'zod';
import type { IdPrefix } from '../../../shared/ids.ts';
import { cursorOf, pageLimit } from '../../http/pagination.ts';

export const time = z.iso.datetime();

/** More would not add up exactly. */
const CENTS_MAX = 1_000_000_000;

export function cents(name: string) {
  const error = `'${name}' must be a whole number of cents from 0 to ${CENTS_MAX}.`;
  return z.number({ error }).int({ error }).min(0, { error }).max(CENTS_MAX, { error });
}

const PAGE_MAX = 200;

/** A page of a list; the cursor is the id of the last one that was seen. */
export function pageQuery(prefix: IdPrefix, ownerOf: string) {
  return z.object({
    limit: pageLimit(PAGE_MAX),
    cursor: cursorOf(prefix, `'cursor' is not the id of a ${ownerOf}.`),
  });
}
