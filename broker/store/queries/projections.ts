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

  const changedMessage = async (tenantId: number, id: string): Promise<ChangedMessage | undefined> => {
    const row = await sql.get<MessageRow>(
      'SELECT * FROM messages WHERE world_id = ? AND id = ?',
      tenantId,
      id,
    );
    if (row === undefined) return undefined;
    return { message: await from(row), projectedStatus: row.projected_status as MessageStatus | null };
  };

  const load = async (keys: Iterable<MessageKey>): Promise<ChangedMessage[]> => {
    const changed: ChangedMessage[] = [];
    for (const [tenantId, id] of keys) {
      const found = await changedMessage(tenantId, id);
      if (found !== undefined) changed.push(found);
    }
    return changed;
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
      await sql.run('DELETE FROM message_changes WHERE position <= ?', last);
      return load(keys.values());
    },
    of(messages) {
      return load(messages.map(({ tenantId, id }) => [tenantId, id] as const));
    },
    async countTexts(numberId, ids, by) {
      await counts.add(numberId, ids, by);
    },
    async setProjected(messages) {
      for (const { tenantId, id, status } of messages) {
        await sql.run(
          'UPDATE messages SET projected_status = ? WHERE world_id = ? AND id = ?',
          status,
          tenantId,
          id,
        );
      }
    },
  };
}
