/** Inserts entries of the full-text index of the target. */
import { searchWords } from '../../core/inbox/search-words.ts';
import { vectorOf } from '../postgres/search-vector.ts';
import { arraysStatement, type BatchInsert } from './copy-rows.ts';
import type { SourceRow } from './source.ts';

export const SEARCH_TABLE = 'search_entries';
/** The columns that the comparison reads. */
export const SEARCH_COLUMNS = ['world_id', 'message_id'] as const;

/** For rows of `CopySource.searchEntries`. */
export const searchInsert: BatchInsert = {
  statement: (rows) =>
    arraysStatement(
      `INSERT INTO ${SEARCH_TABLE} (world_id, message_id, words) SELECT v1, v2, v3::tsvector`,
      ['integer', 'text', 'text'],
      rows,
    ),
  valuesOf: ([, tenantId = null, messageId = null, numberId, text]) => {
    const scope = { tenantId: Number(tenantId), numberId: String(numberId) };
    return [tenantId, messageId, vectorOf(scope, searchWords(String(text)))];
  },
  keyOf: ([position = null]) => [position],
};

/** Returns the values of `SEARCH_COLUMNS`. */
export function* searchKeys(entries: Iterable<SourceRow>): Iterable<SourceRow> {
  for (const [, tenantId = null, messageId = null] of entries) yield [tenantId, messageId];
}
