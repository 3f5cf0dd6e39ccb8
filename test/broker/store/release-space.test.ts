/** Tests that the database file shrinks after large deletions. */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { maintainDatabase } from '../../../broker/core/messages/retention.ts';
import { finishCopy } from '../../../broker/store/sqlite/database-file.ts';
import { openSqliteStore } from '../../../broker/store/sqlite/open.ts';

const MB = 1024 * 1024;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'homing-space-'));
  file = join(folder, 'a.db');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes and deletes attachments of 40 MB. Returns the size of the file before and after the space is released. */
async function sizes(): Promise<{ before: number; after: number; steps: number }> {
  const { store } = openSqliteStore({ file });
  for (let i = 0; i < 40; i += 1) {
    await store.transaction((tx) => tx.media.putChunk(`file ${i}`, 0, Buffer.alloc(MB, i)));
  }
  await store.transaction(async (tx) => {
    for (let i = 0; i < 40; i += 1) await tx.media.dropChunks(`file ${i}`, 0);
  });
  const checkpoint = () => {
    const connection = new Database(file);
    connection.pragma('wal_checkpoint(TRUNCATE)');
    connection.close();
    return statSync(file).size;
  };
  const before = checkpoint();
  const transactions = store.transactions();
  await maintainDatabase(store, Date.now());
  const steps = store.transactions() - transactions;
  const after = checkpoint();
  await store.close();
  return { before, after, steps };
}

it('a new database returns the space of deleted attachments in small steps, except a reserve', async () => {
  const { before, after, steps } = await sizes();
  expect(before).toBeGreaterThan(40 * MB);
  expect(after).toBeLessThan(6 * MB);
  expect(steps).toBeGreaterThan(20);
});

it('a database of version 0.1.0 keeps its size until it is replaced by a backup of it', async () => {
  const old = new Database(file);
  old.exec('CREATE TABLE earlier (id INTEGER)');
  old.close();
  const { before, after, steps } = await sizes();
  expect(after).toBe(before);
  expect(steps).toBe(1);
  const copy = new Database(file);
  finishCopy(copy);
  copy.close();
  expect(statSync(file).size).toBeLessThan(6 * MB);
  expect((await sizes()).after).toBeLessThan(6 * MB);
});
