/** Prepares the target of a copy, and finishes it. */
import type pg from 'pg';
import { timeOfId } from '../../../shared/ids.ts';
import { DatabaseError } from '../postgres/errors.ts';
import { createPartition, type Month, monthAt } from '../postgres/partitions.ts';
import { ACTIVE_LOCK, WRITE_LOCK } from '../postgres/transactions.ts';
import { type BegunCopy, COPY_TABLE, createBegunCopy, inTransaction, readBegunCopy } from './begun-copy.ts';
import { SEARCH_TABLE } from './search-entries.ts';
import type { CopySource, SourceState } from './source.ts';

/** Months after the current one that the broker creates ahead; later ids are in the default partition. */
const MONTHS_AHEAD = 2;
/** Tables that an error names. */
const NAMED_TABLES = 3;

/** No broker becomes active on the target until the connection ends. @throws DatabaseError if one is active */
export async function lockTarget(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ is_taken: number }>(
    `SELECT pg_try_advisory_lock(${ACTIVE_LOCK}, hashtext(current_schema())) AS is_taken`,
  );
  if (rows[0]?.is_taken === 1) return;
  throw new DatabaseError('A broker or another copy is active on the target. Stop it first.');
}

export interface BeginOptions {
  /** Discards the begun copy of the target. */
  restarts: boolean;
  /** A copy of an earlier state of the source is discarded. */
  onStartAgain: () => void;
}

/**
 * Returns the begun copy of the same source, or begins one.
 *
 * @throws DatabaseError if the target has rows, or the begun copy of another source
 */
export async function beginCopy(
  client: pg.Client,
  source: CopySource,
  { restarts, onStartAgain }: BeginOptions,
): Promise<BegunCopy> {
  const tables = [...source.tables.map(({ name }) => name), SEARCH_TABLE];
  const begun = await readBegunCopy(client);
  if (begun !== undefined && !restarts) {
    if (isSame(begun.source, source.state)) return begun;
    if (begun.source.generation !== source.state.generation) {
      throw new DatabaseError(
        `The target has an incomplete copy of another database, ${begun.source.file}. Continue that one, or discard ` +
          'it with --restart.',
      );
    }
    onStartAgain();
  }
  const copy: BegunCopy = { source: source.state, tables: {} };
  await inTransaction(client, async () => {
    await client.query(`SELECT pg_advisory_xact_lock(${WRITE_LOCK}, hashtext(current_schema()))`);
    if (begun !== undefined) await client.query(`DROP TABLE ${COPY_TABLE}; TRUNCATE ${tables.join(', ')}`);
    await assertEmpty(client, tables);
    await createBegunCopy(client, copy);
  });
  return copy;
}

const isSame = (one: SourceState, other: SourceState) =>
  one.generation === other.generation && one.bytes === other.bytes && one.changedAt === other.changedAt;

async function assertEmpty(client: pg.Client, tables: readonly string[]): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    tables.map((name) => `SELECT '${name}' AS name WHERE EXISTS (SELECT 1 FROM ${name})`).join(' UNION ALL '),
  );
  if (rows.length === 0) return;
  const names = rows.slice(0, NAMED_TABLES).map(({ name }) => name);
  const others = rows.length > names.length ? ` and ${rows.length - names.length} other tables` : '';
  throw new DatabaseError(
    `The target is not empty: it has rows in ${names.join(', ')}${others}. Use an empty database, or another schema ` +
      '(?schema=<name>).',
  );
}

/** Creates the partitions of the months that have rows in the source. */
export async function createMonths(client: pg.Client, source: CopySource, now: number): Promise<void> {
  const end = monthAt(now, MONTHS_AHEAD).to;
  const months = new Map<string, Month>();
  for (const table of ['messages', 'timeline'] as const) {
    let id = source.nextId(table, '');
    while (id !== undefined && id < end) {
      const month = monthAt(timeOfId(id));
      months.set(month.name, month);
      id = source.nextId(table, month.to);
    }
  }
  for (const month of months.values()) await inTransaction(client, () => createPartition(client, month));
}

/** New rows continue after the numbers of the copied rows. */
export async function continueIdentities(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ table: string; column: string }>(
    `SELECT c.relname AS table, a.attname AS column FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
     WHERE c.relnamespace = current_schema()::regnamespace AND a.attidentity <> '' AND NOT c.relispartition`,
  );
  for (const { table, column } of rows) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${table}', '${column}'), GREATEST(MAX(${column}), 1),
         MAX(${column}) IS NOT NULL) FROM ${table}`,
    );
  }
}
