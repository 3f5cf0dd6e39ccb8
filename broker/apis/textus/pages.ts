/** Pages of collections: by a cursor, which is the id of the last member that was shown. */
import { z } from 'zod';
import { readBareId } from '../../../shared/ids.ts';
import type { Answer, Call } from '../../http/operation.ts';
import { hydraAnswer, hydraCollection } from './hydra.ts';

const LIMIT_MAX = 100;
const LIMIT_WORDS = `'limit' must be a whole number from 1 to ${LIMIT_MAX}.`;

export const pageQuery = z.object({
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .refine((text) => readBareId(text) !== undefined, {
      error: "'cursor' must be the cursor of an earlier page.",
    })
    .optional()
    .describe('The cursor of the page before.'),
  limit: z
    .string({ error: "'limit' must be given once." })
    .regex(/^\d{1,3}$/, { error: LIMIT_WORDS })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= LIMIT_MAX, { error: LIMIT_WORDS })
    .default(50)
    .meta({ type: 'integer', minimum: 1, maximum: LIMIT_MAX, default: 50, description: 'How many at most.' }),
});

export type PageQuery = z.infer<typeof pageQuery>;

interface Found<Item> {
  /** One more than the page holds, where there are more. */
  items: readonly Item[];
  totalItems: number;
  idOf(item: Item): string;
  show(items: readonly Item[]): unknown[] | Promise<unknown[]>;
}

export async function pageAnswer<Caller, Item>(
  { request, query }: Call<Caller, PageQuery, unknown>,
  { items, totalItems, idOf, show }: Found<Item>,
): Promise<Answer> {
  const shown = items.slice(0, query.limit);
  const last = shown.at(-1);
  const cursor = items.length > shown.length && last !== undefined ? idOf(last) : undefined;
  const address = request.url ?? '';
  const page = { members: await show(shown), totalItems, cursor };
  return hydraAnswer(200, hydraCollection(address.split('?', 1)[0]!, address, page));
}

/** The page of a list that is always read whole. */
export function pageOfAll<Item extends { id: string }>(
  all: readonly Item[],
  { cursor = '', limit }: PageQuery,
): Item[] {
  return all
    .filter(({ id }) => id > cursor)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limit + 1);
}
