/** Reads and deletes everything about one recipient, in bounded parts. */
import type { ErasedTable, ErasureQueries } from '../../core/ports/erasure.ts';
import type { Sql } from '../database.ts';
import type { Dialect } from '../dialect.ts';
import { messageReader } from './message-rows.ts';

interface ErasedRows {
  /** Selects the next rows of the tenant: their `place` and whether they are about the handle. */
  select: string;
  remove: readonly string[];
}

/** Sorts before every character of an id and of a guid. */
const SEPARATOR = ' ';

const rowsOf = (dialect: Dialect): Readonly<Record<ErasedTable, ErasedRows>> => ({
  events: {
    select: `SELECT id AS place, (${dialect.textAt('subject', 'message', 'handle')} = @handle
        OR ${dialect.textAt('subject', 'handle')} = @handle) AS is_about
      FROM events INDEXED BY events_of_world WHERE world_id = @tenantId AND id > @after ORDER BY id LIMIT @limit`,
    remove: [
      'DELETE FROM webhook_deliveries WHERE event_id = @place',
      'DELETE FROM events WHERE id = @place',
    ],
  },
  reactions: {
    select: `SELECT number_id || '${SEPARATOR}' || guid AS place, sender = @handle AS is_about
      FROM reactions WHERE number_id IN (SELECT id FROM numbers WHERE world_id = @tenantId)
        AND (number_id, guid) > (@numberId, @guid) ORDER BY number_id, guid LIMIT @limit`,
    remove: ['DELETE FROM reactions WHERE number_id = @numberId AND guid = @guid'],
  },
  tool_calls: {
    select: `SELECT id AS place, ${dialect.position('params', '@handle')} > 0 AS is_about
      FROM tool_calls INDEXED BY tool_calls_of_world WHERE world_id = @tenantId AND id > @after ORDER BY id LIMIT @limit`,
    remove: ['DELETE FROM tool_calls WHERE id = @place'],
  },
});

export function erasureQueries(sql: Sql): ErasureQueries {
  const { many } = messageReader(sql);
  const rowsToErase = rowsOf(sql.dialect);
  return {
    messagesWith({ tenantId, handle }, { after, limit }) {
      return many(
        `SELECT * FROM messages INDEXED BY messages_by_remote
         WHERE world_id = @tenantId AND remote = @handle AND status <> 'queued' AND id > @after ORDER BY id LIMIT @limit`,
        { tenantId, handle, after, limit },
      );
    },
    async eraseFrom(table, recipient, { after, limit }) {
      const { select, remove } = rowsToErase[table];
      const rows = await sql.all<{ place: string; is_about: number | null }>(select, {
        ...{ ...recipient, after, limit },
        ...partsOf(after),
      });
      for (const { place, is_about } of rows) {
        if (is_about !== 1) continue;
        for (const statement of remove) await sql.run(statement, { place, ...partsOf(place) });
      }
      return rows.length < limit ? undefined : rows.at(-1)?.place;
    },
    async forgetParticipant(conversationId, handle) {
      const row = await sql.get<{ participants: string }>(
        'SELECT participants FROM conversations WHERE id = ?',
        conversationId,
      );
      if (row === undefined) return;
      const others = (JSON.parse(row.participants) as string[]).filter((other) => other !== handle);
      await sql.post(
        'UPDATE conversations SET participants = ? WHERE id = ?',
        JSON.stringify(others),
        conversationId,
      );
    },
  };
}

/** The place of a reaction has two parts. */
function partsOf(place: string): { numberId: string; guid: string } {
  const [numberId = '', ...guid] = place.split(SEPARATOR);
  return { numberId, guid: guid.join(SEPARATOR) };
}
