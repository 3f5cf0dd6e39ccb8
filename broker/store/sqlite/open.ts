/** Opens a SQLite file, creates it if it is missing, and applies the missing migrations. */

import type { Metrics } from '../../core/ports/metrics.ts';
import type { Store } from '../../core/ports/store.ts';
import { createStore } from '../create-store.ts';
import type { Migration } from '../migrations/index.ts';
import { SearchThread } from '../search/search-thread.ts';
import { ensureGeneration, explainOpenError } from './database-file.ts';
import { SqliteEngine, type SqliteOptions } from './engine.ts';
import { migrate } from './migrate.ts';
import { searchQueries } from './search-queries.ts';

export interface OpenedSqliteStore {
  store: Store;
  /** Migrations that were applied while opening. */
  applied: Migration[];
  /** Random number of this database, different from those of its backups. */
  generation: number;
}

export interface SqliteStoreOptions extends Omit<SqliteOptions, 'onCommit'> {
  metrics?: Metrics | undefined;
}

/** @throws DatabaseFileError if the file is damaged or cannot be opened. */
export function openSqliteStore({ metrics, ...options }: SqliteStoreOptions): OpenedSqliteStore {
  const { engine, applied, generation } = openEngine({ ...options, onCommit: metrics?.committed });
  const worker = new URL('./search-worker', import.meta.url);
  const thread = new SearchThread({ worker, workerData: { file: options.file } });
  const store = createStore({
    ...{ engine, metrics },
    searchQueries: (sql) => searchQueries(sql, thread),
    close: async () => {
      await thread.close();
      await engine.close();
    },
  });
  return { store, applied, generation };
}

function openEngine(options: SqliteOptions) {
  try {
    const engine = new SqliteEngine(options);
    const applied = migrate(engine.writer, options.file);
    const generation = ensureGeneration(engine.writer);
    engine.endBlocking();
    return { engine, applied, generation };
  } catch (error) {
    throw explainOpenError(options.file, error);
  }
}
