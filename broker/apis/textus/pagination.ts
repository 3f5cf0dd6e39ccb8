/** Pages of collections: by a cursor, which is the id of the last member that was shown. */
import { z } from 'zod';
import { readBareId } from '../../../shared/ids.ts';
import type { OperationRequest, OperationResponse } from '../../http/operation.ts';
import { pageLimit } from '../../http/pagination.ts';
import { hydraCollection, hydraResponse } from './hydra.ts';

export const pageQuery = z.object({
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .refine((text) => readBareId(text) !== undefined, {
      error: "'cursor' must be the cursor of an earlier page.",
    })
    .optional()
    .describe('The cursor of the page before.'),
  limit: pageLimit(100),
});

export type PageQuery = z.infer<typeof pageQuery>;

interface Found<Item> {
  /** One more than the page holds, where there are more. */
  items: readonly Item[];
  totalItems: number;
  idOf(item: Item): string;
  show(items: readonly Item[]): unknown[] | Promise<unknown[]>;
}

export async function pageResponse<Caller, Item>(
  { request, query }: OperationRequest<Caller, PageQuery, unknown>,
  { items, totalItems, idOf, show }: Found<Item>,
): Promise<OperationResponse> {
  const shown = items.slice(0, query.limit);
  const last = shown.at(-1);
  const cursor = items.length > shown.length && last !== undefined ? idOf(last) : undefined;
  const address = request.url ?? '';
  const page = { members: await show(shown), totalItems, cursor };
  return hydraResponse(200, hydraCollection(address.split('?', 1)[0]!, address, page));
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
