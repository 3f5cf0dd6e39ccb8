/** Paginates lists: schemas of `limit` and `cursor`, and the page cut from the rows that were read. */
import { z } from 'zod';
import { formatId, type IdPrefix, parseId } from '../../shared/ids.ts';

interface WholeNumber {
  from: number;
  to: number;
  fallback: number;
  description: string;
  /** Maximum number of digits; default: those of `to`. */
  digits?: number;
}

/** Schema of a whole number in a query. */
export function wholeNumber(name: string, { fallback, ...bounds }: WholeNumber) {
  return withinBounds(name, bounds)
    .default(fallback)
    .meta({ ...metaOf(bounds), default: fallback });
}

/** Schema of a whole number in a query that may be omitted. */
export function optionalWholeNumber(name: string, bounds: Omit<WholeNumber, 'fallback'>) {
  return withinBounds(name, bounds).optional().meta(metaOf(bounds));
}

function withinBounds(name: string, { from, to, digits = String(to).length }: Omit<WholeNumber, 'fallback'>) {
  const error = `'${name}' must be a whole number from ${from} to ${to}.`;
  return z
    .string({ error: `'${name}' must be given once.` })
    .regex(new RegExp(`^\\d{1,${digits}}$`), { error })
    .transform(Number)
    .refine((number) => number >= from && number <= to, { error });
}

function metaOf({ from, to, description }: Omit<WholeNumber, 'fallback'>) {
  return { type: 'integer', minimum: from, maximum: to, description } as const;
}

export function pageLimit(to: number) {
  return wholeNumber('limit', { from: 1, to, fallback: 50, description: 'Maximum number of rows.' });
}

/** Schema of a cursor: the id of the last row of the previous page. */
export function cursorOf(prefix: IdPrefix, error: string) {
  return z
    .string({ error: "'cursor' must be given once." })
    .transform((shown, context) => {
      const id = parseId(prefix, shown);
      if (id !== undefined) return id;
      context.addIssue({ code: 'custom', message: error });
      return z.NEVER;
    })
    .optional()
    .describe('Cursor of the previous page.');
}

interface PageEnd {
  cursor: string | null;
  has_more: boolean;
}

/** Response fields that follow the rows of a page. */
export const pageEnd = {
  cursor: z.string().nullable().describe('Cursor of the next page; null on the last page.'),
  has_more: z.boolean().describe('Whether a next page exists.'),
};

/**
 * Splits the rows that were read into a page and its end. The caller reads one row more than the limit, so that a next page
 * is detected: `last` is the last row of the page, and undefined if there is no next page.
 */
export function splitPage<Row>(found: readonly Row[], limit: number): { rows: Row[]; last: Row | undefined } {
  const rows = found.slice(0, limit);
  return { rows, last: found.length > limit ? rows.at(-1) : undefined };
}

/** Splits the rows that were read, of which the cursor is the id. */
export function cutPage<Row extends { id: string }>(
  prefix: IdPrefix,
  found: readonly Row[],
  limit: number,
): { rows: Row[]; end: PageEnd } {
  const { rows, last } = splitPage(found, limit);
  return { rows, end: endOf(last && formatId(prefix, last.id)) };
}

/** Splits the rows that were read, of which the cursor is the handle. */
export function cutPageByHandle<Row extends { handle: string }>(
  found: readonly Row[],
  limit: number,
): { rows: Row[]; end: PageEnd } {
  const { rows, last } = splitPage(found, limit);
  return { rows, end: endOf(last?.handle) };
}

const endOf = (cursor: string | undefined): PageEnd => ({
  cursor: cursor ?? null,
  has_more: cursor !== undefined,
});
