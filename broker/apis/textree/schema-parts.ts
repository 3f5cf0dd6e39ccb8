/** What the Textree API's schemas have in common. */
import { z } from 'zod';
import { type IdPrefix, readId } from '../../../shared/ids.ts';

export const time = z.iso.datetime();

/** More would not add up exactly. */
const CENTS_MAX = 1_000_000_000;

export function cents(name: string) {
  const error = `'${name}' must be a whole number of cents from 0 to ${CENTS_MAX}.`;
  return z.number({ error }).int({ error }).min(0, { error }).max(CENTS_MAX, { error });
}

const PAGE_MAX = 200;
const PAGE_DEFAULT = 50;

/** A page of a list; the cursor is the id of the last one that was seen. */
export function pageQuery(prefix: IdPrefix, whose: string) {
  const limitWords = `'limit' must be a whole number from 1 to ${PAGE_MAX}.`;
  return z.object({
    limit: z
      .string({ error: "'limit' must be given once." })
      .regex(/^\d{1,3}$/, { error: limitWords })
      .transform(Number)
      .refine((limit) => limit >= 1 && limit <= PAGE_MAX, { error: limitWords })
      .default(PAGE_DEFAULT)
      .meta({
        type: 'integer',
        minimum: 1,
        maximum: PAGE_MAX,
        default: PAGE_DEFAULT,
        description: 'How many at most.',
      }),
    cursor: z
      .string({ error: "'cursor' must be given once." })
      .transform((shown, context) => {
        const id = readId(prefix, shown);
        if (id !== undefined) return id;
        context.addIssue({ code: 'custom', message: `'cursor' is not the id of a ${whose}.` });
        return z.NEVER;
      })
      .optional()
      .describe('The cursor of the page before.'),
  });
}

export const pageEnd = {
  cursor: z.string().nullable().describe('Of the next page; null: this is the last.'),
  has_more: z.boolean(),
};

/** Cuts a page from what was read, which is one more than asked for where there is more. */
export function cutPage<T extends { id: string }>(prefix: IdPrefix, found: readonly T[], limit: number) {
  const rows = found.slice(0, limit);
  const hasMore = found.length > limit;
  return { rows, end: { cursor: hasMore ? `${prefix}_${rows.at(-1)!.id}` : null, has_more: hasMore } };
}
