/**
 * Creates the partitions of messages and timelines: one for each month of UTC, by the time in the id of the message.
 *
 * A default partition takes the ids of other times, for example after a clock that was set far ahead. No partition is
 * created for a month that has rows in the default partition.
 */
import type pg from 'pg';
import { firstIdAt } from '../../../shared/ids.ts';

/** Tables by month, with the column of the id of the message. */
export const PARTITIONED = { messages: 'id', timeline: 'message_id', search_entries: 'message_id' } as const;

/** Months that are created ahead. The broker creates the next one every night. */
const MONTHS_AHEAD = 2;

export interface Month {
  /** 2026_11 */
  name: string;
  /** First id of the month, and of the next one. */
  from: string;
  to: string;
}

/** Returns the month that is `offset` months after the time (epoch ms). */
export function monthAt(at: number, offset = 0): Month {
  const date = new Date(at);
  const first = (more: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset + more);
  const name = new Date(first(0)).toISOString().slice(0, 7).replace('-', '_');
  return { name, from: firstIdAt(first(0)), to: firstIdAt(first(1)) };
}

/** Creates the missing partitions of a month, and the default partitions. */
export async function createPartition(client: Pick<pg.Client, 'query'>, month: Month): Promise<void> {
  for (const [table, column] of Object.entries(PARTITIONED)) {
    await client.query(`CREATE TABLE IF NOT EXISTS ${table}_other PARTITION OF ${table} DEFAULT`);
    const { rows } = await client.query(
      `SELECT 1 WHERE to_regclass('${table}_${month.name}') IS NOT NULL
         OR EXISTS (SELECT 1 FROM ${table}_other WHERE ${column} >= $1 AND ${column} < $2)`,
      [month.from, month.to],
    );
    if (rows.length > 0) continue;
    await client.query(
      `CREATE TABLE ${table}_${month.name} PARTITION OF ${table} FOR VALUES FROM ('${month.from}') TO ('${month.to}')`,
    );
  }
}

/** Creates the partitions of the current month and of the next ones. */
export async function createPartitions(client: Pick<pg.Client, 'query'>, now: number): Promise<void> {
  for (let offset = 0; offset <= MONTHS_AHEAD; offset += 1)
    await createPartition(client, monthAt(now, offset));
}
