/** Tests the copy of a database that changes meanwhile. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { writeBackup } from '../../../broker/store/sqlite/backup.ts';

it('a backup has the state of its start, and ends although each step sees new writes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homing-backup-'));
  const source = join(folder, 'source.db');
  const target = join(folder, 'target.db');
  const writer = new Database(source);
  try {
    writer.pragma('journal_mode = WAL');
    writer.exec('CREATE TABLE rows (id INTEGER PRIMARY KEY, text TEXT)');
    const insert = writer.prepare('INSERT INTO rows (text) VALUES (?)');
    writer.transaction(() => {
      for (let row = 0; row < 100_000; row += 1) insert.run('x'.repeat(150));
    })();
    const progress: number[] = [];
    await writeBackup(source, target, (copied) => {
      progress.push(copied);
      insert.run('written during the backup');
    });
    expect(progress.length).toBeGreaterThan(3);
    // A restarted copy would begin again at a lower part.
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    const copy = new Database(target, { readonly: true });
    expect(copy.prepare('SELECT COUNT(*) AS n FROM rows').get()).toEqual({ n: 100_000 });
    expect(copy.pragma('quick_check', { simple: true })).toBe('ok');
    copy.close();
  } finally {
    writer.close();
  }
  expect(readdirSync(folder).filter((name) => name.includes('partial'))).toEqual([]);
  rmSync(folder, { recursive: true });
});
