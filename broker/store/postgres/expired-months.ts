/**
 * Deletes the messages of whole months, and drops the partitions of the month.
 *
 * - Each step deletes some messages and corrects the counts of their conversations and lists in one transaction. Their
 *   timelines and search entries, which nothing finds without the messages, are dropped with the partitions.
 * - A month with an unfinished message keeps its partitions: the steps delete everything of the finished ones.
 * - Messages whose last change is not projected yet are left to the step-wise deletion, which projects it.
 * - After a crash, the next run deletes the rest. A partition whose locks are not free is dropped by the next run.
 */

import { firstIdAt } from '../../../shared/ids.ts';
import { conversationId } from '../../core/model/conversation.ts';
import type { Sql } from '../database.ts';
import type { Engine } from '../engine.ts';
import { conversationQueries } from '../queries/conversations.ts';
import { countsByPrefix } from '../queries/list-counts.ts';
import { clientConfig, connect, end, type PostgresAddress } from './connection.ts';
import { existingMonths, type Month, PARTITIONED, withLocks } from './partitions.ts';
import { WRITE_LOCK } from './transactions.ts';

/** Maximum number of messages that one transaction deletes; of attachments, which may be large; of other rows. */
const STEP = 100;
const MEDIA_STEP = 20;
const ALIASES_STEP = 1_000;

type Transactions = Pick<Engine, 'read' | 'write' | 'transaction'>;

const IS_FINISHED = "status NOT IN ('queued', 'polling')";

interface ExpiredRow {
  world_id: number;
  id: string;
  number_id: string;
  remote: string;
  chat: string | null;
  is_unread: number;
  deleted_at: number | null;
}

interface Place {
  tenantId: number;
  id: string;
}

/** Before all messages. */
const FIRST: Place = { tenantId: 0, id: '' };

/** `before` and `now` are epoch ms. Returns the number of deleted messages. */
export async function deleteExpiredMonths(
  { engine, address }: { engine: Transactions; address: PostgresAddress },
  before: number,
  now: number,
): Promise<number> {
  const client = await connect(clientConfig(address));
  try {
    let deleted = 0;
    const months = await existingMonths(client);
    for (const month of months.filter(({ to }) => to <= firstIdAt(before))) {
      const isHeld = await hasUnfinished(engine.read, month);
      deleted += await deleteMessages(engine, month, { isHeld, now });
      await deleteInSteps(engine, (sql) => deleteMedia(sql, month));
      await deleteInSteps(engine, (sql) => deleteAliases(sql, month));
      for (const table of ['message_edits', 'message_receipts'] as const) {
        await deleteInSteps(engine, (sql) => deleteOfMessages(sql, table, month));
      }
      if (!isHeld) await drop(client, month);
    }
    return deleted;
  } finally {
    await end(client);
  }
}

async function hasUnfinished(sql: Sql, { name }: Month): Promise<boolean> {
  const row = await sql.get<{ is_held: number }>(
    `SELECT EXISTS (SELECT 1 FROM messages_${name} WHERE status = 'queued')
       OR EXISTS (SELECT 1 FROM messages_${name} WHERE status = 'polling') AS is_held`,
  );
  return row?.is_held === 1;
}

interface Deletion {
  isHeld: boolean;
  now: number;
}

async function deleteMessages(engine: Transactions, month: Month, deletion: Deletion): Promise<number> {
  let deleted = 0;
  for (let place: Place | undefined = FIRST; place !== undefined; ) {
    const after: Place = place;
    const rows = await engine.transaction(() => deleteStep(engine.write, month, after, deletion));
    deleted += rows.length;
    const last = rows.at(-1);
    place = last && { tenantId: last.world_id, id: last.id };
  }
  return deleted;
}

async function deleteStep(
  sql: Sql,
  { name }: Month,
  after: Place,
  { isHeld, now }: Deletion,
): Promise<ExpiredRow[]> {
  const rows = await sql.all<ExpiredRow>(
    `SELECT world_id, id, number_id, remote, chat, is_unread, deleted_at FROM messages_${name}
     WHERE (world_id, id) > (@tenantId, @id) AND ${IS_FINISHED} AND projected_status = status
     ORDER BY world_id, id LIMIT @limit`,
    { ...after, limit: STEP },
  );
  if (rows.length === 0) return rows;
  for (const [tenantId, own] of Map.groupBy(rows, (row) => row.world_id)) {
    const values = { tenantId, ids: JSON.stringify(own.map(({ id }) => id)) };
    const ofTenant = (table: string, column: string) =>
      sql.run(
        `DELETE FROM ${table}_${name} WHERE world_id = @tenantId AND ${sql.dialect.isIn(column, '@ids')}`,
        values,
      );
    await ofTenant('messages', PARTITIONED.messages);
    if (!isHeld) continue;
    await ofTenant('search_entries', PARTITIONED.search_entries);
    await sql.run(
      `DELETE FROM timeline_${name} WHERE ${sql.dialect.isIn(PARTITIONED.timeline, '@ids')}`,
      values,
    );
  }
  const counted = rows.filter((row) => row.deleted_at === null);
  const byNumber = Map.groupBy(counted, (row) => row.number_id);
  const byConversation = Map.groupBy(counted, (row) =>
    conversationId({ numberId: row.number_id, recipient: row.chat ?? row.remote }),
  );
  await correctLists(sql, new Map([...byNumber, ...byConversation]));
  await correctConversations(sql, byConversation, now);
  return rows;
}

/** Subtracts the messages from the counts of their lists. A conversation without counts has no rows. */
async function correctLists(sql: Sql, lists: ReadonlyMap<string, readonly ExpiredRow[]>): Promise<void> {
  const removed = [...lists].flatMap(([list, rows]) =>
    countsByPrefix(rows.map(({ id }) => id)).map((count) => ({ list, ...count })),
  );
  const from = `JSON_TO_RECORDSET(CAST(@removed AS JSON))
    AS removed(list TEXT, level INTEGER, prefix TEXT, size INTEGER)`;
  const isSame = 'l.list = removed.list AND l.level = removed.level AND l.prefix = removed.prefix';
  const values = { removed: JSON.stringify(removed) };
  await sql.run(
    `UPDATE list_counts AS l SET size = l.size - removed.size FROM ${from} WHERE ${isSame}`,
    values,
  );
  await sql.run(`DELETE FROM list_counts AS l USING ${from} WHERE ${isSame} AND l.size <= 0`, values);
}

async function correctConversations(
  sql: Sql,
  conversations: ReadonlyMap<string, readonly ExpiredRow[]>,
  now: number,
): Promise<void> {
  const removed = [...conversations].map(([id, rows]) => ({
    id,
    total: rows.length,
    unread: rows.filter(({ is_unread }) => is_unread === 1).length,
  }));
  const ids = JSON.stringify(removed.map(({ id }) => id));
  await sql.run(
    `UPDATE conversations AS c SET total_count = c.total_count - removed.total,
       unread_count = c.unread_count - removed.unread, updated_at = @now
     FROM JSON_TO_RECORDSET(CAST(@removed AS JSON)) AS removed(id TEXT, total INTEGER, unread INTEGER)
     WHERE c.id = removed.id`,
    { removed: JSON.stringify(removed), now },
  );
  const left = await sql.all<{ id: string; total_count: number; latest_id: string | null }>(
    `SELECT id, total_count, latest_id FROM conversations WHERE ${sql.dialect.isIn('id', '?')}`,
    ids,
  );
  const empty = JSON.stringify(left.filter(({ total_count }) => total_count <= 0).map(({ id }) => id));
  await sql.run(`DELETE FROM conversations WHERE ${sql.dialect.isIn('id', '?')}`, empty);
  // Rare: later messages of the conversation are in the index, but were not its latest ones.
  const deleted = new Set([...conversations.values()].flat().map(({ id }) => id));
  for (const { id, total_count, latest_id } of left) {
    if (total_count > 0 && deleted.has(latest_id ?? '')) await conversationQueries(sql).removeIfEmpty(id);
  }
}

/** Repeats the step until it deletes nothing. */
async function deleteInSteps(engine: Transactions, step: (sql: Sql) => Promise<number>): Promise<void> {
  while ((await engine.transaction(() => step(engine.write))) > 0);
}

const withoutMessage = (table: string) => `${table}.message_id >= @from AND ${table}.message_id < @to
  AND NOT EXISTS (SELECT 1 FROM messages m WHERE m.world_id = ${table}.world_id AND m.id = ${table}.message_id)`;

async function deleteMedia(sql: Sql, { from, to }: Month): Promise<number> {
  const rows = await sql.all<{ id: string }>(
    `SELECT id FROM media WHERE ${withoutMessage('media')} ORDER BY message_id LIMIT @limit`,
    { from, to, limit: MEDIA_STEP },
  );
  const ids = JSON.stringify(rows.map(({ id }) => id));
  await sql.run(
    `DELETE FROM media_chunks WHERE ${sql.dialect.isIn('media_id', '?')}
       AND NOT EXISTS (SELECT 1 FROM media WHERE bytes_of = media_chunks.media_id)`,
    ids,
  );
  await sql.run(`DELETE FROM media WHERE ${sql.dialect.isIn('id', '?')}`, ids);
  return rows.length;
}

async function deleteAliases(sql: Sql, { from, to }: Month): Promise<number> {
  return sql.run(
    `DELETE FROM message_aliases WHERE (number_id, guid) IN (
       SELECT number_id, guid FROM message_aliases WHERE ${withoutMessage('message_aliases')} LIMIT @limit)`,
    { from, to, limit: ALIASES_STEP },
  );
}

const KEYS = { message_edits: 'message_id, at, kind', message_receipts: 'message_id, handle' } as const;

async function deleteOfMessages(sql: Sql, table: keyof typeof KEYS, { from, to }: Month): Promise<number> {
  const key = KEYS[table];
  return sql.run(
    `DELETE FROM ${table} WHERE (${key}) IN (
       SELECT ${key} FROM ${table} WHERE ${withoutMessage(table)} LIMIT @limit)`,
    { from, to, limit: ALIASES_STEP },
  );
}

/** Drops the partitions of a month, if no message is left. */
async function drop(client: Parameters<typeof withLocks>[0], { name }: Month): Promise<void> {
  const isUsed = `EXISTS (SELECT 1 FROM messages_${name})`;
  const { rows } = await client.query<{ is_used: number }>(`SELECT ${isUsed} AS is_used`);
  if (rows[0]?.is_used === 1) return;
  const tables = Object.keys(PARTITIONED).map((table) => `${table}_${name}`);
  // With the write lock, no transaction inserts a message between the check and the drop.
  await withLocks(
    client,
    `SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()));
     DO $$ BEGIN IF NOT ${isUsed} THEN DROP TABLE ${tables.join(', ')}; END IF; END $$`,
  );
}
