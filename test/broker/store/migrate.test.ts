import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../broker/store/migrations/index.ts';
import { migrate, NewerDatabaseError } from '../../../broker/store/sqlite/migrate.ts';

describe('migrations', () => {
  let folder: string;
  let database: Database.Database;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'homing-migrate-'));
    database = new Database(join(folder, 'a.db'));
  });
  afterEach(() => {
    database.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('are numbered from one without gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  it('bring an empty file up, and do nothing the second time', () => {
    expect(migrate(database, 'a.db')).toHaveLength(MIGRATIONS.length);
    expect(migrate(database, 'a.db')).toEqual([]);
  });

  it('bring an older file up by what it lacks, and keep what it holds', () => {
    const first = { number: 1, name: 'one', sql: 'CREATE TABLE a (x TEXT)' };
    const second = { number: 2, name: 'two', sql: 'ALTER TABLE a ADD COLUMN y TEXT' };
    migrate(database, 'a.db', [first]);
    database.exec("INSERT INTO a (x) VALUES ('kept')");
    expect(migrate(database, 'a.db', [first, second])).toEqual([second]);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 'kept', y: null }]);
  });

  it('refuse a newer file and leave it as it is', () => {
    database.pragma('user_version = 999');
    expect(() => migrate(database, 'a.db')).toThrow(NewerDatabaseError);
    expect(database.prepare('SELECT COUNT(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });

  it('keep the address of an attachment that was asked for before attachments had a table', () => {
    migrate(database, 'a.db', MIGRATIONS.slice(0, 1));
    database.exec(`INSERT INTO messages (world_id, id, number_id, direction, status, own_number, remote, content,
        media_url, requested_service, error_retryable, priority, expires_at, attempt, lease_journaled, created_at)
      VALUES (1, 'm', 'n', 'outbound', 'queued', '+1', '+2', 'x', 'https://example.com/a.png', 'auto', 0, 0, 9, 0, 0, 0)`);
    migrate(database, 'a.db');
    expect(database.prepare('SELECT message_id, source_url FROM media').all()).toEqual([
      { message_id: 'm', source_url: 'https://example.com/a.png' },
    ]);
    expect(database.prepare('SELECT media_count FROM messages').pluck().get()).toBe(1);
  });

  it('undo a migration that fails half way', () => {
    const broken = { number: 1, name: 'broken', sql: 'CREATE TABLE a (x TEXT); CREATE TABLE a (x TEXT)' };
    expect(() => migrate(database, 'a.db', [broken])).toThrow();
    expect(database.pragma('user_version', { simple: true })).toBe(0);
    expect(database.prepare('SELECT COUNT(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });
});
