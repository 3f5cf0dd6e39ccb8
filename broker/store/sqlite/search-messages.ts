/** Searches messages by words, newest first, with the filters of the message list. */
import type Database from 'better-sqlite3';
import type { MessageBrowseFilter } from '../../core/ports/inbox.ts';
import { restOf } from '../queries/message-browse.ts';
import { firstPositionAt, PER_MILLISECOND } from './search-positions.ts';
import { preparedReads, wordsExpression } from './search-statements.ts';

export interface FilteredSearch {
  tenantId: number;
  text: string;
  filter: MessageBrowseFilter;
  before: string | undefined;
  limit: number;
}

/** `next`: the last examined message, if there may be more. */
export interface FilteredResult {
  ids: string[];
  next: string | undefined;
}

/** Maximum number of messages with the words that one page examines. */
const HITS_MAX = 1_000;
/** Higher than every position. */
const END = Number.MAX_SAFE_INTEGER;

export function messageSearch(connection: Database.Database) {
  const all = preparedReads(connection);

  /** Returns the position of a message in the index; the index is in the order of creation. */
  const positionOf = (tenantId: number, id: string): number | undefined => {
    const [row] = all<{ created_at: number }>(
      'SELECT created_at FROM messages WHERE world_id = @tenantId AND id = @id',
      { tenantId, id },
    );
    if (row === undefined) return undefined;
    const first = firstPositionAt(row.created_at);
    const [entry] = all<{ position: number }>(
      `SELECT position FROM search_entries
       WHERE position >= @first AND position < @end AND message_id = @id`,
      { first, end: first + 16 * PER_MILLISECOND, id },
    );
    return entry?.position ?? first;
  };

  return ({ tenantId, text, filter, before, limit }: FilteredSearch): FilteredResult => {
    const words = wordsExpression(text);
    const numbers = all<{ id: string }>('SELECT id FROM numbers WHERE world_id = @tenantId', { tenantId });
    const scopes = numbers.filter(({ id }) => filter.numberId === undefined || id === filter.numberId);
    if (words === undefined || scopes.length === 0) return { ids: [], next: undefined };
    const until = filter.until === undefined ? END : firstPositionAt(filter.until);
    const end = before === undefined ? END : (positionOf(tenantId, before) ?? 0);
    const hits = all<{ id: string; is_match: number }>(
      `SELECT m.id, (1 = 1${restOf(filter)}) AS is_match FROM (
         SELECT rowid AS position FROM search_words
         WHERE search_words MATCH @match AND rowid >= @first AND rowid < @end
         ORDER BY rowid DESC LIMIT ${HITS_MAX}
       ) AS hit CROSS JOIN search_entries e CROSS JOIN messages m
       WHERE e.position = hit.position AND m.world_id = @tenantId AND m.id = e.message_id`,
      {
        ...filter,
        ...{ tenantId, end: Math.min(end, until) },
        first: filter.since === undefined ? 0 : firstPositionAt(filter.since),
        match: `scope : (${scopes.map(({ id }) => `"${id}"`).join(' OR ')}) AND words : (${words})`,
      },
    );
    const matching = hits.filter(({ is_match }) => is_match === 1).map(({ id }) => id);
    const ids = matching.slice(0, limit);
    if (matching.length > limit) return { ids, next: ids.at(-1) };
    return { ids, next: hits.length === HITS_MAX ? hits.at(-1)?.id : undefined };
  };
}
