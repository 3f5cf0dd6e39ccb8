/**
 * The advisory locks of the brokers on a database.
 *
 * - All brokers share one lock, by which earlier versions had one active broker. A broker that must be alone takes it
 *   alone.
 * - The session of each broker has its own lock, which ends with the process.
 */
import type pg from 'pg';
import { ACTIVE_LOCK } from './transactions.ts';

const KEY = `${ACTIVE_LOCK}, hashtext(current_schema())`;
const SESSION_KEY = `hashtextextended(current_schema() || ' ' || $1, ${ACTIVE_LOCK})`;

/** Returns false while a broker is alone. */
export function tryEnter(client: pg.Client): Promise<boolean> {
  return isTaken(client, `SELECT pg_try_advisory_lock_shared(${KEY}) AS is_taken`);
}

/** Returns false while there is any broker. */
export function tryEnterAlone(client: pg.Client): Promise<boolean> {
  return isTaken(client, `SELECT pg_try_advisory_lock(${KEY}) AS is_taken`);
}

/** Lets others enter, and keeps them from entering alone. */
export async function admitOthers(client: pg.Client): Promise<void> {
  await client.query(`SELECT pg_advisory_lock_shared(${KEY}), pg_advisory_unlock(${KEY})`);
}

/** Takes the lock of the session of a broker. */
export function tryTakeSession(client: pg.Client, brokerId: string): Promise<boolean> {
  return isTaken(client, `SELECT pg_try_advisory_lock(${SESSION_KEY}) AS is_taken`, [brokerId]);
}

/** Whether the broker has its session. Takes its lock for a moment if it has none. */
export async function hasSession(client: pg.Client, brokerId: string): Promise<boolean> {
  const wasFree = await isTaken(
    client,
    `SELECT CASE WHEN pg_try_advisory_lock(${SESSION_KEY})
       THEN pg_advisory_unlock(${SESSION_KEY}) ELSE false END AS is_taken`,
    [brokerId],
  );
  return !wasFree;
}

async function isTaken(client: pg.Client, lock: string, values: unknown[] = []): Promise<boolean> {
  const { rows } = await client.query<{ is_taken: number }>(lock, values);
  return rows[0]?.is_taken === 1;
}
