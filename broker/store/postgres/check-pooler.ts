/** Detects a connection pooler in transaction mode, and whether prepared statements work through it. */
import type pg from 'pg';
import { clientConfig, connect, end, type PostgresAddress } from './connection.ts';
import { isStatementError } from './errors.ts';

export interface PoolerCheck {
  /** Whether two transactions of a connection may run on different connections of the server. */
  isPooled: boolean;
  preparedStatementsWork: boolean;
}

const PID = { name: 'homing_check', text: 'SELECT pg_backend_pid() AS pid' };

/** While one connection is in a transaction, a pooler gives another server connection to the second one. */
export async function checkPooler(address: PostgresAddress): Promise<PoolerCheck> {
  const config = clientConfig(address);
  const first = await connect(config);
  const others = [await connect(config), await connect(config)];
  try {
    const before = await pidOf(first, PID.text);
    for (const other of others) await other.query('BEGIN; SELECT 1');
    const between = await pidOf(first, PID.text);
    for (const other of others) await other.query('COMMIT');
    const isPooled = before !== between;
    if (!address.usesPreparedStatements) return { isPooled, preparedStatementsWork: true };
    try {
      const pids = [await pidOf(first, PID)];
      for (const other of others) {
        await other.query('BEGIN; SELECT 1');
        pids.push(await pidOf(first, PID));
      }
      return { isPooled: isPooled || new Set(pids).size > 1, preparedStatementsWork: true };
    } catch (error) {
      if (!isStatementError(error)) throw error;
      return { isPooled: true, preparedStatementsWork: false };
    }
  } finally {
    await Promise.all([first, ...others].map(end));
  }
}

async function pidOf(client: pg.Client, query: pg.QueryConfig | string): Promise<number | undefined> {
  const { rows } = await client.query<{ pid: number }>(query);
  return rows[0]?.pid;
}
