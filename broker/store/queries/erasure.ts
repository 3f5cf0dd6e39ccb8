/** Reads and deletes everything about one recipient, in bounded parts. */
import type { ErasedTable, ErasureQueries, Recipient } from '../../core/ports/erasure.ts';
import type { Sql } from '../database.ts';
import type { Dialect } from '../dialect.ts';
import { groupQueries } from './groups.ts';
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
        OR ${dialect.textAt('subject', 'handle')} = @handle
        OR (${dialect.textAt('subject', 'conversation')} IS NOT NULL
          AND ${dialect.position('subject', '@handle')} > 0)) AS is_about
      FROM events INDEXED BY events_of_world WHERE world_id = @tenantId AND id > @after ORDER BY id LIMIT @limit`,
    remove: [
      'DELETE FROM webhook_deliveries WHERE event_id = @place',
      'DELETE FROM events WHERE id = @place',
    ],
  },
  reactions: {
    select: `SELECT number_id || '${SEPARATOR}' || guid AS place, sender = @handle AS is_about
      FROM reactions WHERE number_id IN (SELECT id FROM numbers WHERE world_id = @tenantId)
        AND (number_id, guid) > (@first, @rest) ORDER BY number_id, guid LIMIT @limit`,
    remove: ['DELETE FROM reactions WHERE number_id = @first AND guid = @rest'],
  },
  message_receipts: {
    select: `SELECT message_id AS place, 1 AS is_about FROM message_receipts INDEXED BY message_receipts_of_handle
      WHERE world_id = @tenantId AND handle = @handle AND message_id > @after ORDER BY message_id LIMIT @limit`,
    remove: ['DELETE FROM message_receipts WHERE message_id = @place AND handle = @handle'],
  },
  // Removed from the group by `forgetInGroup`.
  group_chats: {
    select: `SELECT conversation_id AS place, ${dialect.position('members', '@handle')}
        + ${dialect.position('participants', '@handle')} > 0 AS is_about
      FROM group_chats INDEXED BY group_chats_of_world
      WHERE world_id = @tenantId AND conversation_id > @after ORDER BY conversation_id LIMIT @limit`,
    remove: [],
  },
  group_changes: {
    select: `SELECT conversation_id || '${SEPARATOR}' || guid AS place,
        (COALESCE(actor, '') = @handle OR COALESCE(value, '') = @handle) AS is_about
      FROM group_changes INDEXED BY group_changes_of_world
      WHERE world_id = @tenantId AND (conversation_id, guid) > (@first, @rest)
      ORDER BY conversation_id, guid LIMIT @limit`,
    remove: ['DELETE FROM group_changes WHERE conversation_id = @first AND guid = @rest'],
  },
  pending_items: {
    select: `SELECT number_id || '${SEPARATOR}' || target AS place, ${dialect.position('item', '@handle')} > 0 AS is_about
      FROM pending_items WHERE number_id IN (SELECT id FROM numbers WHERE world_id = @tenantId)
        AND (number_id, target) > (@first, @rest) ORDER BY number_id, target LIMIT @limit`,
    remove: [
      `DELETE FROM pending_items WHERE number_id = @first AND target = @rest
         AND ${dialect.position('item', '@handle')} > 0`,
    ],
  },
  lookups: {
    select: `SELECT handle AS place, 1 AS is_about FROM lookups
      WHERE world_id = @tenantId AND handle = @handle AND handle > @after ORDER BY handle LIMIT @limit`,
    remove: ['DELETE FROM lookups WHERE world_id = @tenantId AND handle = @place'],
  },
  tool_calls: {
    select: `SELECT id AS place, ${dialect.position('params', '@handle')} > 0 AS is_about
      FROM tool_calls INDEXED BY tool_calls_of_world WHERE world_id = @tenantId AND id > @after ORDER BY id LIMIT @limit`,
    remove: ['DELETE FROM tool_calls WHERE id = @place'],
  },
});

export function erasureQueries(sql: Sql): ErasureQueries {
  const { many } = messageReader(sql);
  const groups = groupQueries(sql);
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
        if (table === 'group_chats') await forgetInGroup(recipient, place);
        for (const statement of remove) {
          await sql.run(statement, { ...recipient, place, ...partsOf(place) });
        }
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

  async function forgetInGroup({ tenantId, handle }: Recipient, conversationId: string): Promise<void> {
    const group = await groups.findByConversation(tenantId, conversationId);
    if (group === undefined) return;
    await groups.update({
      ...group,
      participants: group.participants.filter((other) => other !== handle),
      members: group.members.filter((member) => member.handle !== handle),
    });
  }
}

/** Some places have two parts. */
function partsOf(place: string): { first: string; rest: string } {
  const [first = '', ...rest] = place.split(SEPARATOR);
  return { first, rest: rest.join(SEPARATOR) };
}
