/** Stores the messages that changed since the projections last processed them. */

import type { MessageStatus } from '../../core/model/message.ts';
import type { ChangedMessage, ProjectionQueries } from '../../core/ports/inbox.ts';
import type { Sql } from '../database.ts';
import { changedKeys, type MessageKey } from './changed-keys.ts';
import { listCounts } from './list-counts.ts';
import { type MessageRow, messageReader } from './message-rows.ts';

export function projectionQueries(sql: Sql): ProjectionQueries {
  const { from } = messageReader(sql);
  const counts = listCounts(sql);

  /** Returns the messages in the order of the keys; omits deleted ones. */
  const load = async (keys: readonly MessageKey[]): Promise<ChangedMessage[]> => {
    const byId = new Map<string, ChangedMessage>();
    for (const [tenantId, ofTenant] of Map.groupBy(keys, ([tenantId]) => tenantId)) {
      const rows = await sql.all<MessageRow>(
        `SELECT m.* ${sql.dialect.lookup('?', 'messages m', 'm', 'm.world_id = ? AND m.id = wanted.value')}`,
        idsOf(ofTenant.map(([, id]) => ({ id }))),
        tenantId,
      );
      const messages = await from(rows);
      for (const [index, message] of messages.entries()) {
        const projectedStatus = (rows[index]?.projected_status ?? null) as MessageStatus | null;
        byId.set(message.id, { message, projectedStatus });
      }
    }
    return keys.flatMap(([, id]) => byId.get(id) ?? []);
  };

  return {
    async isBehind() {
      return (await sql.get('SELECT 1 FROM message_changes LIMIT 1')) !== undefined;
    },
    async commitsBehind() {
      // Each subquery reads one end of the table. MAX and MIN in one SELECT would read the whole table.
      const row = await sql.get<{ behind: number | null }>(
        `SELECT (SELECT MAX(position) FROM message_changes) - (SELECT MIN(position) FROM message_changes) + 1
           AS behind`,
      );
      return row?.behind ?? 0;
    },
    async take(limit) {
      const rows = await sql.all<{ position: number; messages: string }>(
        'SELECT position, messages FROM message_changes ORDER BY position LIMIT ?',
        limit,
      );
      const keys = new Map<string, MessageKey>();
      let last = 0;
      for (const { position, messages } of rows) {
        // A row has all changes of one commit and is never split, so one row may exceed the limit.
        if (keys.size >= limit) break;
        for (const key of changedKeys(messages)) keys.set(key[1], key);
        last = position;
      }
      if (keys.size === 0) return [];
      await sql.post('DELETE FROM message_changes WHERE position <= ?', last);
      return load([...keys.values()]);
    },
    of(messages) {
      return load(messages.map(({ tenantId, id }) => [tenantId, id] as const));
    },
    async countTexts(numberId, ids, by) {
      await counts.add(numberId, ids, by);
    },
    async setProjected(messages) {
      const groups = Map.groupBy(messages, ({ tenantId, status }) => `${tenantId} ${status}`);
      for (const group of groups.values()) {
        const [first] = group;
        if (first === undefined) continue;
        const ids = group.map(({ id }) => id).sort();
        // The first and the last id select the partitions.
        await sql.post(
          `UPDATE messages SET projected_status = @status
           WHERE world_id = @tenantId AND ${sql.dialect.isIn('id', '@ids')} AND id >= @firstId AND id <= @lastId`,
          {
            ...{ status: first.status, tenantId: first.tenantId },
            ...{ ids: JSON.stringify(ids), firstId: ids[0], lastId: ids.at(-1) },
          },
        );
      }
    },
  };
}

/** Returns the ids as a JSON array. */
function idsOf(messages: ReadonlyArray<{ id: string }>): string {
  return JSON.stringify(messages.map(({ id }) => id));
}
