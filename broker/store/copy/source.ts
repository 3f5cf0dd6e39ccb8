/**
 * Reads the SQLite database of a copy: its tables with their columns and keys, and their rows in the order of the key.
 *
 * The database must not change: the caller holds the lock of the data folder.
 */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { NEWEST_VERSION } from '../migrations/index.ts';
import { explainOpenError } from '../sqlite/database-file.ts';
import { NewerDatabaseError } from '../sqlite/migrate.ts';

export interface SourceTable {
  name: string;
  columns: readonly string[];
  /** Columns of the primary key. */
  key: readonly string[];
  rows: number;
}

export type SourceValue = string | number | Uint8Array | null;
export type SourceRow = SourceValue[];

/** Identifies the database and its state. */
export interface SourceState {
  file: string;
  /** Random number of the database. */
  generation: number;
  bytes: number;
  changedAt: number;
}

/** The full-text index differs between the engines, so it is built again. */
const SEARCH_TABLE = /^search_/;

export class CopySource {
  readonly state: SourceState;
  /** A table comes after the tables that its foreign keys refer to. */
  readonly tables: readonly SourceTable[];
  readonly #connection: Database.Database;

  /**
   * The file has the newest schema of this program.
   *
   * @throws DatabaseFileError if the file is damaged or cannot be opened @throws NewerDatabaseError
   */
  constructor(file: string) {
    try {
      this.#connection = new Database(file, { fileMustExist: true });
      // All changes are in the file itself from now on, so its time tells whether it changed.
      this.#connection.pragma('wal_checkpoint(TRUNCATE)');
      this.#connection.pragma('query_only = 1');
      const version = this.#connection.pragma('user_version', { simple: true }) as number;
      if (version > NEWEST_VERSION) throw new NewerDatabaseError(file, version, NEWEST_VERSION);
      const { size, mtimeMs } = statSync(file);
      const generation = this.#connection.pragma('application_id', { simple: true }) as number;
      this.state = { file, generation, bytes: size, changedAt: mtimeMs };
      this.tables = this.#readTables();
    } catch (error) {
      throw explainOpenError(file, error);
    }
  }

  /** Yields the rows after a key, in the order of the key. */
  *rows({ name, columns, key }: SourceTable, after: readonly SourceValue[] | undefined): Iterable<SourceRow> {
    const order = key.join(', ');
    const isLater = after === undefined ? '' : `WHERE (${order}) > (${key.map(() => '?').join(', ')})`;
    yield* this.#iterate(
      `SELECT ${columns.join(', ')} FROM ${name} ${isLater} ORDER BY ${order}`,
      ...(after ?? []),
    );
  }

  /** Yields every row once, in any order. */
  allRows({ name, columns }: SourceTable): Iterable<SourceRow> {
    return this.#iterate(`SELECT ${columns.join(', ')} FROM ${name}`);
  }

  /** Yields the entries of the full-text index after a position: position, tenant, message, number and text. */
  searchEntries(after: number): Iterable<SourceRow> {
    return this.#iterate(
      `SELECT e.position, m.world_id, m.id, m.number_id, m.content FROM search_entries e
       JOIN messages m ON m.world_id IN (SELECT id FROM worlds) AND m.id = e.message_id
       WHERE e.position > ? ORDER BY e.position`,
      after,
    );
  }

  countSearchEntries(): number {
    return this.#number('SELECT COUNT(*) FROM search_entries');
  }

  /** Returns the lowest id at or after `from` in a column that begins an index; undefined: none. */
  nextId(table: 'messages' | 'timeline', from: string): string | undefined {
    const query =
      table === 'timeline'
        ? 'SELECT MIN(message_id) FROM timeline WHERE message_id >= @from'
        : // One search of the primary key for each tenant.
          'SELECT MIN((SELECT MIN(id) FROM messages m WHERE m.world_id = w.id AND m.id >= @from)) FROM worlds w';
    const found = this.#connection.prepare(query).pluck().get({ from }) as string | null;
    return found ?? undefined;
  }

  close(): void {
    this.#connection.close();
  }

  *#iterate(sql: string, ...values: readonly SourceValue[]): Iterable<SourceRow> {
    try {
      yield* this.#connection
        .prepare(sql)
        .raw()
        .iterate(...values) as Iterable<SourceRow>;
    } catch (error) {
      throw explainOpenError(this.state.file, error);
    }
  }

  #number(sql: string): number {
    return this.#connection.prepare(sql).pluck().get() as number;
  }

  #readTables(): SourceTable[] {
    const names = this.#connection
      .prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
      )
      .pluck()
      .all() as string[];
    const copied = names.filter((name) => !SEARCH_TABLE.test(name));
    const references = new Map(copied.map((name) => [name, this.#referencesOf(name)]));
    const tables: SourceTable[] = [];
    const added = new Set<string>();
    const add = (name: string) => {
      if (added.has(name)) return;
      added.add(name);
      for (const other of references.get(name) ?? []) add(other);
      tables.push(this.#readTable(name));
    };
    for (const name of copied) add(name);
    return tables;
  }

  #referencesOf(name: string): string[] {
    const keys = this.#connection.pragma(`foreign_key_list(${name})`) as { table: string }[];
    return keys.map(({ table }) => table);
  }

  #readTable(name: string): SourceTable {
    const info = this.#connection.pragma(`table_info(${name})`) as { name: string; pk: number }[];
    const key = info.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
    return {
      name,
      columns: info.map((column) => column.name),
      key: key.map((column) => column.name),
      rows: this.#number(`SELECT COUNT(*) FROM ${name}`),
    };
  }
}
