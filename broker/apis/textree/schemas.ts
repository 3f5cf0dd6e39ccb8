/** Schemas that several resources share: times, cents and pages. */
import { z } from 'zod';
import type { IdPrefix } from '../../../shared/ids.ts';
import { cursorOf, pageLimit } from '../../http/pagination.ts';

export const time = z.iso.datetime();

/** Sums of larger amounts could exceed the safe integers. */
const CENTS_MAX = 1_000_000_000;

export function cents(name: string) {
  const error = `'${name}' must be a whole number of cents from 0 to ${CENTS_MAX}.`;
  return z.number({ error }).int({ error }).min(0, { error }).max(CENTS_MAX, { error });
}

const PAGE_MAX = 200;

/** Query of a paginated list. The cursor is the id of the last row of the previous page. */
export function pageQuery(prefix: IdPrefix, resource: string) {
  return z.object({
    limit: pageLimit(PAGE_MAX),
    cursor: cursorOf(prefix, `'cursor' is not the id of a ${resource}.`),
  });
}
