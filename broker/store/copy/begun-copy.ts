/**
 * Stores the state of a copy in the target, in the transactions that write its rows, so that a copy continues after a
 * crash. While the table exists, the copy is incomplete and no broker or command opens the database.
 */
import type pg from 'pg';
import { DatabaseError } from '../postgres/errors.ts';
import type { SourceRow, SourceState } from './source.ts';

export interface TableProgress {
  rows: number;
  /** Key of the last row; absent: none was copied. */
  last?: SourceRow;
  /** NUL characters that were removed. */
  removed: number;
  isDone: boolean;
}

export interface BegunCopy {
  source: SourceState;
  tables: Record<string, TableProgress>;
}

export const COPY_TABLE = 'database_copy';

/** Returns the incomplete copy in the database; undefined: none. */
export async function readBegunCopy(client: pg.Client): Promise<BegunCopy | undefined> {
  const { rows: found } = await client.query(`SELECT 1 WHERE to_regclass('${COPY_TABLE}') IS NOT NULL`);
  if (found.length === 0) return undefined;
  const { rows } = await client.query<{ state: string }>(`SELECT state FROM ${COPY_TABLE}`);
  const [row] = rows;
  if (row === undefined)
    throw new DatabaseError(`The table ${COPY_TABLE} of the target has no row. Drop it.`);
  return JSON.parse(row.state) as BegunCopy;
}

/** @throws DatabaseError if the database has an incomplete copy */
export async function assertCompleteCopy(client: pg.Client): Promise<void> {
  const begun = await readBegunCopy(client);
  if (begun === undefined) return;
  throw new DatabaseError(
    `The database has an incomplete copy of ${begun.source.file}. Run homing database migrate again to continue it.`,
  );
}

/** Within a transaction. */
export async function createBegunCopy(client: pg.Client, copy: BegunCopy): Promise<void> {
  await client.query(`CREATE TABLE ${COPY_TABLE} (state TEXT COLLATE "C" NOT NULL)`);
  await client.query(`INSERT INTO ${COPY_TABLE} (state) VALUES ($1)`, [JSON.stringify(copy)]);
}

/** Within a transaction. */
export async function writeBegunCopy(client: pg.Client, copy: BegunCopy): Promise<void> {
  await client.query(`UPDATE ${COPY_TABLE} SET state = $1`, [JSON.stringify(copy)]);
}

export async function dropBegunCopy(client: pg.Client): Promise<void> {
  await client.query(`DROP TABLE ${COPY_TABLE}`);
}

export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work();
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
