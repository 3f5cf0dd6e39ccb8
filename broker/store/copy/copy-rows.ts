/**
 * Copies the rows of a table in batches. Each batch is one transaction together with its progress. The next batch is read
 * while one is written, so at most two are in memory.
 */
import type pg from 'pg';
import type { ColumnTypes } from '../postgres/gathered-rows.ts';
import { encode } from '../postgres/statements.ts';
import { type BegunCopy, inTransaction, type TableProgress, writeBegunCopy } from './begun-copy.ts';
import type { SourceRow, SourceValue } from './source.ts';

/** A batch ends with the row that exceeds one of these. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Makes the statement that inserts rows. */
export interface BatchInsert {
  statement(rows: readonly SourceRow[]): { text: string; values: unknown[] };
  /** Returns the values to insert for a row of the source. */
  valuesOf(row: SourceRow): SourceRow;
  /** Returns the key of a row of the source, after which the copy continues. */
  keyOf(row: SourceRow): SourceRow;
}

/** @throws Error if the target does not have the columns */
export function tableInsert(
  name: string,
  columns: readonly string[],
  key: readonly string[],
  types: ColumnTypes,
): BatchInsert {
  const columnTypes = columns.map((column) => {
    const type = types.get(`${name}.${column}`);
    if (type === undefined) throw new Error(`The target has no column ${name}.${column}.`);
    return type;
  });
  const into = `INSERT INTO ${name} (${columns.join(', ')})`;
  const positions = key.map((column) => columns.indexOf(column));
  return {
    // An array of bytes is sent as text, which takes five times as long as separate values.
    statement: columnTypes.includes('bytea')
      ? (rows) => valuesStatement(into, columnTypes, rows)
      : (rows) => arraysStatement(`${into} SELECT *`, columnTypes, rows),
    valuesOf: (row) => row,
    keyOf: (row) => positions.map((position) => row[position] ?? null),
  };
}

/** Returns a statement with one array for each column; `select` ends before FROM. */
export function arraysStatement(select: string, types: readonly string[], rows: readonly SourceRow[]) {
  const arrays = types.map((type, index) => `$${index + 1}::${type}[]`);
  return {
    text: `${select} FROM unnest(${arrays.join(', ')}) AS entry(${types.map((_, index) => `v${index + 1}`).join(', ')})`,
    values: types.map((_, index) => rows.map((row) => row[index])),
  };
}

function valuesStatement(into: string, types: readonly string[], rows: readonly SourceRow[]) {
  const tuples = rows.map((_, row) => {
    const values = types.map((type, column) => `$${row * types.length + column + 1}::${type}`);
    return `(${values.join(', ')})`;
  });
  return { text: `${into} VALUES ${tuples.join(', ')}`, values: rows.flat() };
}

export interface CopyTarget {
  client: pg.Client;
  copy: BegunCopy;
}

/** Copies the rows and updates the progress. `onRows` gets the number of rows of each committed batch. */
export async function copyRows(
  { client, copy }: CopyTarget,
  progress: TableProgress,
  rows: Iterable<SourceRow>,
  insert: BatchInsert,
  onRows: (count: number) => void,
): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  const write = async (batch: Batch) => {
    await inTransaction(client, async () => {
      if (batch.rows.length > 0) {
        const { text, values } = insert.statement(batch.rows);
        await client.query(text, values);
      }
      progress.rows += batch.rows.length;
      progress.removed += batch.removed;
      if (batch.lastKey !== undefined) progress.last = batch.lastKey;
      progress.isDone = batch.isLast;
      await writeBegunCopy(client, copy);
    });
    onRows(batch.rows.length);
  };
  for (const batch of batchesOf(rows, insert)) {
    await writing;
    writing = write(batch);
    // The rejection is handled by the next await; reading the next batch does not wait for it.
    writing.catch(() => {});
  }
  await writing;
}

interface Batch {
  rows: SourceRow[];
  lastKey: SourceRow | undefined;
  /** NUL characters that were removed. */
  removed: number;
  isLast: boolean;
}

function* batchesOf(rows: Iterable<SourceRow>, { valuesOf, keyOf }: BatchInsert): Iterable<Batch> {
  let batch: Batch = { rows: [], lastKey: undefined, removed: 0, isLast: false };
  let bytes = 0;
  for (const row of rows) {
    const stored = valuesOf(row).map((value) => {
      const kept = encode(value) as SourceValue;
      bytes += sizeOf(kept);
      batch.removed += sizeOf(value) - sizeOf(kept);
      return kept;
    });
    batch.rows.push(stored);
    batch.lastKey = keyOf(row);
    if (batch.rows.length < BATCH_ROWS && bytes < BATCH_BYTES) continue;
    yield batch;
    batch = { rows: [], lastKey: undefined, removed: 0, isLast: false };
    bytes = 0;
  }
  yield { ...batch, isLast: true };
}

/** Returns the length of a text or of bytes. */
function sizeOf(value: SourceValue): number {
  return typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
}
