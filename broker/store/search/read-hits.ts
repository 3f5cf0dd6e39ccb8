/** Reads the messages that a search found, in the order of their ids. */
import type { NamedValues } from '../database.ts';
import type { SearchIndex } from './search-index.ts';

export interface HitsToRead {
  tenantId: number;
  ids: readonly string[];
  /** Columns of `m`, among them `m.id`. */
  columns: string;
  condition: string;
  values?: NamedValues;
}

export async function messagesOf<Row extends { id: string }>(
  { dialect, all }: SearchIndex,
  { tenantId, ids, columns, condition, values }: HitsToRead,
): Promise<Row[]> {
  if (ids.length === 0) return [];
  const rows = await all<Row>(
    `SELECT ${columns} ${dialect.lookup(
      '@ids',
      'messages m',
      'm',
      `m.world_id = @tenantId AND m.id = wanted.value AND ${condition}`,
    )}`,
    { ...values, tenantId, ids: JSON.stringify(ids) },
  );
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}
