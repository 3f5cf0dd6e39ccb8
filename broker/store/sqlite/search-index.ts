/** Finds messages in the FTS5 index. The newest hits are read without a sort, because the rowids follow the time. */
import type Database from 'better-sqlite3';
import { foldText } from '../../core/inbox/search-words.ts';
import type { NamedValues, Value } from '../database.ts';
import { SQLITE } from '../dialect.ts';
import { positionalSql, positionalValues } from '../named-parameters.ts';
import { HITS_MAX, type SearchIndex } from '../search/search-index.ts';
import type { SearchTerms } from '../search/search-terms.ts';
import { firstPositionAt, PER_MILLISECOND } from './search-positions.ts';

/** Higher than every position. */
const END = Number.MAX_SAFE_INTEGER;

type ReadAll = <Row>(sql: string, values: NamedValues) => Row[];

export function searchIndex(connection: Database.Database): SearchIndex {
  connection.function('contains_text', { deterministic: true }, (text: unknown, part: unknown) =>
    typeof text === 'string' && foldText(text).includes(part as string) ? 1 : 0,
  );
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

  const numbersOf = (tenantId: number): string[] =>
    all<{ id: string }>('SELECT id FROM numbers WHERE world_id = @tenantId', { tenantId }).map(
      ({ id }) => id,
    );

  return {
    dialect: SQLITE,
    all: async (sql, values) => all(sql, values),
    async newestWith({ tenantId, numberId, terms, since, until, before }) {
      const scopes = numberId === undefined ? numbersOf(tenantId) : [numberId];
      if (scopes.length === 0) return [];
      const end = before === undefined ? END : (positionOf(tenantId, before) ?? 0);
      const hits = all<{ id: string }>(
        `SELECT e.message_id AS id FROM (
           SELECT rowid AS position FROM search_words
           WHERE search_words MATCH @match AND rowid >= @first AND rowid < @end
           ORDER BY rowid DESC LIMIT ${HITS_MAX}
         ) AS hit CROSS JOIN search_entries e WHERE e.position = hit.position`,
        {
          end: Math.min(end, until === undefined ? END : firstPositionAt(until)),
          first: since === undefined ? 0 : firstPositionAt(since),
          match: `scope : (${scopes.map((id) => `"${id}"`).join(' OR ')}) AND words : (${expressionOf(terms)})`,
        },
      );
      return hits.map(({ id }) => id);
    },
    async handlesOfNames(tenantId, part, limit) {
      const rows = all<{ handle: string }>(
        `SELECT handle FROM contacts WHERE world_id = @tenantId AND contains_text(name, @part) = 1
         ORDER BY handle LIMIT @limit`,
        { tenantId, part, limit },
      );
      return rows.map(({ handle }) => handle);
    },
  };
}

/** Prepares each statement text once. */
function preparedReads(connection: Database.Database): ReadAll {
  const statements = new Map<string, (values: NamedValues) => unknown[]>();
  const prepared = (sql: string) => {
    const { text, names } = positionalSql(sql);
    const statement = connection.prepare<Value[]>(text);
    return (values: NamedValues) => statement.all(...positionalValues({ names }, [values]));
  };
  return <Row>(sql: string, values: NamedValues) => {
    const run = statements.get(sql) ?? prepared(sql);
    statements.set(sql, run);
    return run(values) as Row[];
  };
}

/** Returns the expression of FTS5. Words contain letters and digits only, so FTS5 cannot read them as syntax. */
function expressionOf({ phrases, isLastBeginning }: SearchTerms): string {
  return phrases
    .map((words, place) => {
      const isBeginning = isLastBeginning && place === phrases.length - 1;
      return `"${words.join(' ')}"${isBeginning ? ' *' : ''}`;
    })
    .join(' AND ');
}
