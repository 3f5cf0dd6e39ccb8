/**
 * Creates the partitions of messages, timelines and the full-text index: one for each month of UTC, by the time in the id
 * of the message.
 *
 * - A default partition takes the ids of other times, for example of imported messages, or after a clock that was set far
 *   ahead. No partition is created for a month that has rows in the default partition.
 * - While brokers run, a new partition needs the lock of a table for a moment only: it is created and its constraint is
 *   checked beside the table. Without the lock within 100 ms, it is tried again: waiting for it would delay others.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { firstIdAt } from '../../../shared/ids.ts';
import { isStorageFault } from './errors.ts';

/** Tables by month, with the column of the id of the message. */
export const PARTITIONED = { messages: 'id', timeline: 'message_id', search_entries: 'message_id' } as const;

/** Months that are created ahead. The broker creates the next one every night. */
const MONTHS_AHEAD = 2;
const LOCK_MS = 100;
const LOCK_RETRY_MS = 500;
const LOCK_TRIES = 20;

const CHECK_VIOLATION = '23514';

type Client = Pick<pg.Client, 'query'>;

export interface Month {
  /** 2026_11 */
  name: string;
  /** First id of the month, and of the next one. */
  from: string;
  to: string;
}

interface Partition {
  table: string;
  /** Name of the partition. */
  name: string;
  /** Condition of the rows of the month. */
  condition: string;
  bounds: string;
}

/** Returns the month that is `offset` months after the time (epoch ms). */
export function monthAt(at: number, offset = 0): Month {
  const date = new Date(at);
  const first = (more: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset + more);
  const name = new Date(first(0)).toISOString().slice(0, 7).replace('-', '_');
  return { name, from: firstIdAt(first(0)), to: firstIdAt(first(1)) };
}

/** Returns the months that have a partition of every table, oldest first. */
export async function existingMonths(client: Client): Promise<Month[]> {
  const tables = Object.keys(PARTITIONED);
  const { rows } = await client.query<{ name: string }>(
    `SELECT RIGHT(c.relname, 7) AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent IN (${tables.map((table) => `'${table}'::regclass`).join(', ')})
     GROUP BY RIGHT(c.relname, 7) HAVING COUNT(*) = ${tables.length} ORDER BY 1`,
  );
  return rows.flatMap(({ name }) => {
    const [, year, month] = /^(\d{4})_(\d{2})$/.exec(name) ?? [];
    return year === undefined ? [] : [monthAt(Date.UTC(Number(year), Number(month) - 1))];
  });
}

/** Creates the missing partitions of a month, and the default partitions. Locks the tables: not for use beside a broker. */
export async function createPartition(client: Client, month: Month): Promise<void> {
  for (const [table, column] of Object.entries(PARTITIONED)) {
    await client.query(`CREATE TABLE IF NOT EXISTS ${table}_other PARTITION OF ${table} DEFAULT`);
    const { name, condition, bounds } = partitionOf(table, column, month);
    if (await hasRow(client, `pg_class WHERE oid = to_regclass('${name}')`)) continue;
    if (await hasRow(client, `${table}_other WHERE ${condition}`)) continue;
    await client.query(`CREATE TABLE ${name} PARTITION OF ${table} ${bounds}`);
  }
}

/** Creates the partitions of the current month and of the next ones. Locks the tables: not for use beside a broker. */
export async function createPartitions(client: Client, now: number): Promise<void> {
  for (let offset = 0; offset <= MONTHS_AHEAD; offset += 1)
    await createPartition(client, monthAt(now, offset));
}

/**
 * Creates the missing partitions of this month and the next ones, beside running brokers. Returns false as soon as the
 * locks are not free at any of the tries.
 */
export async function createMonthsAhead(client: Client, now: number, tries = LOCK_TRIES): Promise<boolean> {
  for (let offset = 0; offset <= MONTHS_AHEAD; offset += 1) {
    for (const [table, column] of Object.entries(PARTITIONED)) {
      if (!(await attach(client, partitionOf(table, column, monthAt(now, offset)), tries))) return false;
    }
  }
  return true;
}

function partitionOf(table: string, column: string, { name, from, to }: Month): Partition {
  return {
    ...{ table, name: `${table}_${name}` },
    condition: `${column} >= '${from}' AND ${column} < '${to}'`,
    bounds: `FOR VALUES FROM ('${from}') TO ('${to}')`,
  };
}

/** Does nothing if the month has rows in the default partition. Returns false if the locks were not free. */
async function attach(
  client: Client,
  { table, name, condition, bounds }: Partition,
  tries: number,
): Promise<boolean> {
  const other = `${table}_other`;
  if (await hasRow(client, `pg_class WHERE oid = to_regclass('${name}') AND relispartition`)) return true;
  if (await hasRow(client, `${other} WHERE ${condition}`)) return true;
  const constraint = `${name}_elsewhere`;
  const withoutConstraint = `ALTER TABLE ${other} DROP CONSTRAINT IF EXISTS ${constraint}`;
  // With the constraint, PostgreSQL does not read the default partition while it has the locks.
  const isPrepared = await withLocks(
    client,
    `CREATE TABLE IF NOT EXISTS ${name} (LIKE ${table} INCLUDING ALL);
     ${withoutConstraint};
     ALTER TABLE ${other} ADD CONSTRAINT ${constraint} CHECK (NOT (${condition})) NOT VALID`,
    tries,
  );
  if (!isPrepared) return false;
  try {
    await client.query(`ALTER TABLE ${other} VALIDATE CONSTRAINT ${constraint}`);
  } catch (error) {
    if (!isCheckViolation(error) && !isStorageFault(error)) throw error;
    return withLocks(client, `${withoutConstraint}; DROP TABLE IF EXISTS ${name}`);
  }
  return withLocks(client, `ALTER TABLE ${table} ATTACH PARTITION ${name} ${bounds}; ${withoutConstraint}`);
}

async function hasRow(client: Client, from: string): Promise<boolean> {
  return (await client.query(`SELECT 1 FROM ${from} LIMIT 1`)).rows.length > 0;
}

/** Runs the statements in one transaction. Returns false if their locks were not free. */
export async function withLocks(client: Client, statements: string, triesMax = LOCK_TRIES): Promise<boolean> {
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query(`BEGIN; SET LOCAL lock_timeout = ${LOCK_MS}; ${statements}; COMMIT`);
      return true;
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {
        throw error;
      });
      if (!isStorageFault(error)) throw error;
      if (tries === triesMax) return false;
    }
    await delay(LOCK_RETRY_MS);
  }
}

const isCheckViolation = (error: unknown) => (error as { code?: unknown }).code === CHECK_VIOLATION;
