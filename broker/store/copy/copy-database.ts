/**
 * Copies a SQLite database to PostgreSQL, and compares both.
 *
 * - The target has no rows of Homing, or the begun copy of the same source, which continues after its last batch. If the
 *   source has changed since, the copy starts again.
 * - No broker becomes active on the target during the copy, and nothing opens an incomplete copy.
 * - The full-text index is built again from the texts.
 */
import type pg from 'pg';
import {
  clientConfig,
  connectAtStart,
  end,
  type OnWait,
  type PostgresAddress,
} from '../postgres/connection.ts';
import { DatabaseError } from '../postgres/errors.ts';
import type { ColumnTypes } from '../postgres/gathered-rows.ts';
import { columnTypes, migrate, prepareSchema } from '../postgres/migrate.ts';
import { dropBegunCopy, type TableProgress } from './begun-copy.ts';
import { type Checksum, sourceChecksum, targetChecksum } from './checksum.ts';
import { type BatchInsert, type CopyTarget, copyRows, tableInsert } from './copy-rows.ts';
import { SEARCH_COLUMNS, SEARCH_TABLE, searchInsert, searchKeys } from './search-entries.ts';
import type { CopySource, SourceRow, SourceTable } from './source.ts';
import { beginCopy, continueIdentities, createMonths, lockTarget } from './target.ts';

export interface CopyEvents {
  onWait: OnWait;
  /** An interrupted copy continues after this number of rows. */
  onContinue: (rows: number) => void;
  /** The source has changed since the interrupted copy began. */
  onStartAgain: () => void;
  /** A step with this number of rows begins. */
  onStep: (step: 'copy' | 'index' | 'compare', rows: number) => void;
  onRows: (count: number) => void;
  onTable: (table: string, rows: number) => void;
}

export interface CopyOptions {
  address: PostgresAddress;
  /** Discards the begun copy of the target. */
  restarts: boolean;
  now: number;
  events: CopyEvents;
}

export interface ComparedTable {
  table: string;
  source: Checksum;
  target: Checksum;
}

export interface CopyResult {
  tables: ComparedTable[];
  /** Tables whose checksums differ. The copy stays incomplete then. */
  different: string[];
  /** Number of NUL characters, which PostgreSQL does not store in texts. */
  removedCharacters: number;
}

/** @throws DatabaseError if the target is not usable; the message names the reason and the next step */
export async function copyDatabase(source: CopySource, options: CopyOptions): Promise<CopyResult> {
  const { address, restarts, now, events } = options;
  const client = await connectAtStart(clientConfig(address), events.onWait);
  try {
    await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
    await prepareSchema(client, new URL(address.url).searchParams.get('schema'));
    await lockTarget(client);
    await migrate(client, now);
    const types = await columnTypes(client);
    const copy = await beginCopy(client, source, { restarts, onStartAgain: events.onStartAgain });
    await createMonths(client, source, now);
    await copyTables({ client, copy }, source, types, events);
    await copySearchEntries({ client, copy }, source, events);
    await continueIdentities(client);
    await client.query('ANALYZE');
    const tables = await compare(client, source, types, events);
    const different = tables.filter((one) => !isSame(one)).map(({ table }) => table);
    if (different.length === 0) await dropBegunCopy(client);
    return { tables, different, removedCharacters: sumOf(Object.values(copy.tables), 'removed') };
  } finally {
    await end(client);
  }
}

const isSame = ({ source, target }: ComparedTable) =>
  source.rows === target.rows && source.sum === target.sum;

function sumOf<Key extends string>(parts: readonly Record<Key, number>[], key: Key): number {
  return parts.reduce((sum, part) => sum + part[key], 0);
}

async function copyTables(
  target: CopyTarget,
  source: CopySource,
  types: ColumnTypes,
  events: CopyEvents,
): Promise<void> {
  const { [SEARCH_TABLE]: _, ...tables } = target.copy.tables;
  const copied = sumOf(Object.values(tables), 'rows');
  if (copied > 0) events.onContinue(copied);
  events.onStep('copy', sumOf(source.tables, 'rows') - copied);
  for (const table of source.tables) {
    const { name, columns, key } = table;
    await copyPart(target, name, events, (progress) => ({
      rows: source.rows(table, progress.last),
      insert: tableInsert(name, columns, key, types),
    }));
  }
}

async function copySearchEntries(target: CopyTarget, source: CopySource, events: CopyEvents): Promise<void> {
  const copied = target.copy.tables[SEARCH_TABLE]?.rows ?? 0;
  events.onStep('index', source.countSearchEntries() - copied);
  await copyPart(target, SEARCH_TABLE, events, ({ last }) => ({
    rows: source.searchEntries(Number(last?.[0] ?? -1)),
    insert: searchInsert,
  }));
}

async function copyPart(
  target: CopyTarget,
  name: string,
  events: CopyEvents,
  part: (progress: TableProgress) => { rows: Iterable<SourceRow>; insert: BatchInsert },
): Promise<void> {
  const progress = target.copy.tables[name] ?? { rows: 0, removed: 0, isDone: false };
  target.copy.tables[name] = progress;
  if (progress.isDone) return;
  const { rows, insert } = part(progress);
  try {
    await copyRows(target, progress, rows, insert, events.onRows);
  } catch (error) {
    throw explainRejection(name, error);
  }
  events.onTable(name, progress.rows);
}

/** PostgreSQL names the value that it rejects, not the table. */
function explainRejection(table: string, error: unknown): unknown {
  const { code, detail, message } = error as { code?: string; detail?: string; message: string };
  const isRejected = code !== undefined && /^(22|23|54)/.test(code);
  if (!isRejected) return error;
  const reason = detail === undefined ? message : `${message} (${detail})`;
  return new DatabaseError(`The target rejected rows of the table ${table}: ${reason}`, { cause: error });
}

async function compare(
  client: pg.Client,
  source: CopySource,
  types: ColumnTypes,
  events: CopyEvents,
): Promise<ComparedTable[]> {
  events.onStep('compare', sumOf(source.tables, 'rows') + source.countSearchEntries());
  const compareTable = async (
    table: Pick<SourceTable, 'name' | 'columns'>,
    rows: Iterable<SourceRow>,
  ): Promise<ComparedTable> => {
    const ofTarget = targetChecksum(client, table, types);
    // The rows of the source are read to the end before an error of the target ends the copy.
    ofTarget.catch(() => {});
    const ofSource = await sourceChecksum(rows, events.onRows);
    return { table: table.name, source: ofSource, target: await ofTarget };
  };
  const compared: ComparedTable[] = [];
  for (const table of source.tables) compared.push(await compareTable(table, source.allRows(table)));
  const entries = { name: SEARCH_TABLE, columns: SEARCH_COLUMNS };
  compared.push(await compareTable(entries, searchKeys(source.searchEntries(-1))));
  return compared;
}
