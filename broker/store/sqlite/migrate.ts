/**
 * Applies the missing migrations to a SQLite file.
 *
 * - All run in one exclusive transaction, so two programs that start at the same time do not both migrate.
 * - A file of a newer version of Homing is rejected and not changed.
 */
import Database from 'better-sqlite3';
import { MIGRATIONS, type Migration, NEWEST_VERSION } from '../migrations/index.ts';

export class NewerDatabaseError extends Error {
  constructor(file: string, found: number, known: number) {
    super(
      `${file} was written by a newer Homing (schema version ${found}; this program supports up to ${known}). ` +
        'Start the newer version, or set HOMING_DATA_DIR to another folder.',
    );
    this.name = 'NewerDatabaseError';
  }
}

/** True if the file was written by an earlier version. */
export function needsMigration(file: string): boolean {
  const connection = new Database(file, { readonly: true });
  try {
    const found = connection.pragma('user_version', { simple: true }) as number;
    return found < NEWEST_VERSION;
  } finally {
    connection.close();
  }
}

export function migrate(
  connection: Database.Database,
  file: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Migration[] {
  const newest = migrations.at(-1)?.number ?? 0;
  const version = () => connection.pragma('user_version', { simple: true }) as number;
  if (version() === newest) return [];
  const applied: Migration[] = [];
  connection
    .transaction(() => {
      const current = version();
      if (current > newest) throw new NewerDatabaseError(file, current, newest);
      for (const migration of migrations.filter(({ number }) => number > current)) {
        connection.exec(migration.sql);
        if (migration.sqlite !== undefined) connection.exec(migration.sqlite);
        connection.pragma(`user_version = ${migration.number}`);
        applied.push(migration);
      }
    })
    .exclusive();
  return applied;
}
