/** Tests the size of the write-ahead log on the disk. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openSqliteStore } from '../../../broker/store/sqlite/open.ts';

const WAL_MAX_BYTES = 64 * 1024 * 1024;

it('the write-ahead log shrinks after a large transaction', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-wal-'));
  const file = join(folder, 'a.db');
  const { store } = openSqliteStore({ file });
  const other = new Database(file);
  const wal = () => statSync(`${file}-wal`).size;
  try {
    other.exec('CREATE TABLE large (bytes BLOB)');
    other.prepare('INSERT INTO large VALUES (?)').run(Buffer.alloc(80 * 1024 * 1024));
    expect(wal()).toBeGreaterThan(WAL_MAX_BYTES);
    for (let i = 0; i < 3; i++) {
      await store.transaction((tx) =>
        tx.idempotency.put(1, `key ${i}`, { fingerprint: 'f', messageId: 'm', createdAt: 0 }),
      );
    }
    expect(wal()).toBeLessThanOrEqual(WAL_MAX_BYTES);
  } finally {
    other.close();
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
});
