/** Paginates collections. The cursor is the id of the last member of the previous page. */
import { z } from 'zod';
import { readBareId } from '../../../shared/ids.ts';
import type { OperationRequest, OperationResponse } from '../../http/operation.ts';
import { pageLimit, splitPage } from '../../http/pagination.ts';
import { hydraCollection, hydraResponse } from './hydra.ts';

export const pageQuery = z.object({
  cursor: z
    .string({ error: "'cursor' must be given once." })
    .refine((text) => readBareId(text) !== undefined, {
      error: "'cursor' must be the cursor of a previous page.",
    })
    .optional()
    .describe('Cursor of the previous page.'),
  limit: pageLimit(100),
});

export type PageQuery = z.infer<typeof pageQuery>;

interface PageSource<Item> {
  /** At most one item more than the limit; the additional item indicates a next page. */
  items: readonly Item[];
  totalItems: number;
  idOf(item: Item): string;
  serialize(items: readonly Item[]): unknown[] | Promise<unknown[]>;
}

export async function pageResponse<Caller, Item>(
  { request, query }: OperationRequest<Caller, PageQuery, unknown>,
  { items, totalItems, idOf, serialize }: PageSource<Item>,
): Promise<OperationResponse> {
  const { rows, last } = splitPage(items, query.limit);
  const cursor = last && idOf(last);
  const page = { members: await serialize(rows), totalItems, cursor };
  return hydraResponse(200, hydraCollection(request.url ?? '', page));
}

/** Returns the items after the cursor, for a list that is read as a whole: at most one more than the limit. */
export function pageOfAll<Item extends { id: string }>(
  all: readonly Item[],
  { cursor = '', limit }: PageQuery,
): Item[] {
  return all
    .filter(({ id }) => id > cursor)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .slice(0, limit + 1);
}
