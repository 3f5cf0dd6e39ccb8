import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../../broker/store/migrations/index.ts';
import { migrate, NewerDatabaseError } from '../../../broker/store/sqlite/migrate.ts';

describe('migrate', () => {
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

  it('has migrations numbered from 1 without gaps', () => {
    expect(MIGRATIONS.map(({ number }) => number)).toEqual(MIGRATIONS.map((_, index) => index + 1));
  });

  it('applies every migration to an empty file, and none the second time', () => {
    expect(migrate(database, 'a.db')).toHaveLength(MIGRATIONS.length);
    expect(migrate(database, 'a.db')).toEqual([]);
  });

  it('applies only the missing migrations to an older file, and keeps its rows', () => {
    const first = { number: 1, name: 'one', sql: 'CREATE TABLE a (x TEXT)' };
    const second = { number: 2, name: 'two', sql: 'ALTER TABLE a ADD COLUMN y TEXT' };
    migrate(database, 'a.db', [first]);
    database.exec("INSERT INTO a (x) VALUES ('kept')");
    expect(migrate(database, 'a.db', [first, second])).toEqual([second]);
    expect(database.prepare('SELECT * FROM a').all()).toEqual([{ x: 'kept', y: null }]);
  });

  it('throws for a file of a newer version, and does not change the file', () => {
    database.pragma('user_version = 999');
    expect(() => migrate(database, 'a.db')).toThrow(NewerDatabaseError);
    expect(database.prepare('SELECT COUNT(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });

  it('moves media_url of messages into the table of attachments', () => {
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

  it('rolls back a migration that fails halfway', () => {
    const broken = { number: 1, name: 'broken', sql: 'CREATE TABLE a (x TEXT); CREATE TABLE a (x TEXT)' };
    expect(() => migrate(database, 'a.db', [broken])).toThrow();
    expect(database.pragma('user_version', { simple: true })).toBe(0);
    expect(database.prepare('SELECT COUNT(*) FROM sqlite_schema').pluck().get()).toBe(0);
  });
});
