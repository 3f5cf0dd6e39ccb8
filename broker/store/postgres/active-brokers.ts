/** Counts the brokers that are active on a database: none or one. */
import type pg from 'pg';
import { ACTIVE_LOCK } from './transactions.ts';

// An advisory lock of two keys: the second one is shown without its sign.
const COUNT = `SELECT COUNT(*) AS active FROM pg_locks
  WHERE locktype = 'advisory' AND granted AND classid = ${ACTIVE_LOCK} AND objsubid = 2
    AND objid::bigint = hashtext(current_schema())::bigint & 4294967295
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

export async function countActiveBrokers(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ active: number }>(COUNT);
  return rows[0]?.active ?? 0;
}
