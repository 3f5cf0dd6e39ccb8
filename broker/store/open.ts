/** Opens the store: the one file that knows every engine. */
import type { Queries, Store } from '../core/store-port.ts';
import type { Sql } from './database.ts';
import type { Migration } from './migrations/index.ts';
import { accountQueries } from './queries/accounts.ts';
import { credentialQueries } from './queries/credentials.ts';
import { deviceQueries } from './queries/devices.ts';
import { mediaQueries } from './queries/media.ts';
import { messageQueries } from './queries/messages.ts';
import { numberQueries } from './queries/numbers.ts';
import { reactionQueries } from './queries/reactions.ts';
import { signedShortcutQueries } from './queries/signed-shortcuts.ts';
import { idempotencyQueries, usageQueries } from './queries/usage.ts';
import { cacheReference } from './reference-cache.ts';
import { SqliteEngine, type SqliteOptions } from './sqlite/engine.ts';
import { migrate } from './sqlite/migrate.ts';

export interface OpenedStore {
  store: Store;
  /** The migrations that this opening applied. */
  applied: Migration[];
}

/** Opens a SQLite file (made when it is missing) and brings its tables up to date. */
export function openSqliteStore(options: SqliteOptions): OpenedStore {
  const engine = new SqliteEngine(options);
  const applied = migrate(engine.writer, options.file);
  const read = bindQueries(engine.read);
  const write = bindQueries(engine.write);
  return {
    applied,
    store: {
      transaction: (work) => engine.transaction(() => work(write)),
      read,
      referenceVersion: () => engine.read.referenceVersion(),
      onOutsideChange: (listener) => engine.onOutsideChange(listener),
      noticeOutsideChange: () => engine.noticeOutsideChange(),
      close: () => engine.close(),
    },
  };
}

function bindQueries(sql: Sql): Queries {
  return {
    accounts: accountQueries(sql),
    ...cacheReference(sql, credentialQueries(sql), numberQueries(sql)),
    devices: deviceQueries(sql),
    messages: messageQueries(sql),
    media: mediaQueries(sql),
    reactions: reactionQueries(sql),
    signedShortcuts: signedShortcutQueries(sql),
    idempotency: idempotencyQueries(sql),
    usage: usageQueries(sql),
  };
}
