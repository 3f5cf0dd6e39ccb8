/** Tests restoring backups, damaged and foreign database files, and commands in a folder without a database. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HomingProcess, runCli, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const MESSAGE = { to: '+15005550023', from: '+15005550006', content: 'Hello' };

let folder: string;
let homing: HomingProcess;
const backupFile = () => join(folder, 'backup.db');
const database = () => join(homing.dataDir, 'homing.db');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'homing-safety-'));
  homing = await startHoming();
});
afterEach(async () => {
  await homing.dispose();
  rmSync(folder, { recursive: true, force: true });
});

async function send(count: number): Promise<void> {
  const client = clientFor(homing.url, homing.testKey);
  for (let i = 0; i < count; i++) {
    expect((await client.post('/v1/messages/send', { ...MESSAGE, content: `Hello ${i}` })).status).toBe(202);
  }
}

async function backup(): Promise<void> {
  expect(await homing.cli('backup', backupFile())).toMatchObject({ status: 0 });
}

/** Returns every row of every ordinary table. */
function rowsOf(file: string): Record<string, unknown[]> {
  const connection = new Database(file, { readonly: true });
  try {
    const tables = connection
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'")
      .pluck()
      .all() as string[];
    return Object.fromEntries(
      tables.map((table) => [table, connection.prepare(`SELECT * FROM "${table}"`).all()]),
    );
  } finally {
    connection.close();
  }
}

describe('homing restore', () => {
  it('restores every row after a crash, and keeps the replaced database', async () => {
    await send(3);
    await backup();
    await send(5);
    await homing.kill();
    expect(statSync(`${database()}-wal`).size).toBeGreaterThan(0);
    const replacedRows = rowsOf(database());
    const expected = rowsOf(backupFile());

    const [restored] = (await homing.cli('restore', backupFile(), '--json')).json;
    expect(restored).toMatchObject({ file: database(), messages: 3 });
    expect(rowsOf(database())).toEqual(expected);
    expect(rowsOf(join(restored.replaced, 'homing.db'))).toEqual(replacedRows);

    await homing.restart();
    const { body } = await clientFor(homing.url, homing.testKey).get('/v1/messages');
    expect(body.messages).toHaveLength(3);
    await homing.stop();

    // The replaced database can be restored again, with the changes that are only in its write-ahead log.
    expect((await homing.cli('restore', join(restored.replaced, 'homing.db'))).stderr).toContain('Restored');
    expect(rowsOf(database()).messages).toEqual(replacedRows.messages);
  });

  it('rejects a running broker and unusable backups, and changes nothing', async () => {
    await send(1);
    await backup();
    const running = await homing.cli('restore', backupFile());
    expect(running).toMatchObject({ status: 1, stderr: expect.stringContaining('Another broker uses') });
    await homing.stop();
    const before = readFileSync(database());

    const damaged = join(folder, 'damaged.db');
    const bytes = readFileSync(backupFile());
    bytes.fill(0xff, 4096, 4096 * 6);
    writeFileSync(damaged, bytes);
    const foreign = join(folder, 'foreign.db');
    new Database(foreign).exec('CREATE TABLE a (b)').close();
    const text = join(folder, 'text.db');
    writeFileSync(
      text,
      'This is not a database, but a text that is longer than the header of one.'.repeat(9),
    );
    const newer = join(folder, 'newer.db');
    copyFileSync(backupFile(), newer);
    const connection = new Database(newer);
    connection.pragma('user_version = 9999');
    connection.close();

    for (const [file, message] of [
      [join(folder, 'missing.db'), 'There is no backup at'],
      [damaged, 'is damaged'],
      [foreign, 'is not a database of Homing'],
      [text, 'is damaged or not a database'],
      [newer, 'was written by a newer Homing'],
      [database(), 'is the database itself'],
    ] as const) {
      const { status, stderr } = await homing.cli('restore', file);
      expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
      expect(stderr).toContain(file);
    }
    expect(readFileSync(database()).equals(before)).toBe(true);
    expect(readdirSync(homing.dataDir).filter((name) => name.startsWith('homing.db.'))).toEqual([]);
  });
});

describe('homing serve', () => {
  it('rejects a backup that was copied over the database beside the write-ahead log of a crash', async () => {
    await send(2);
    await backup();
    await send(4);
    await homing.kill();
    copyFileSync(backupFile(), database());

    await expect(homing.restart()).rejects.toThrow(/homing\.db-wal of the previous database is still there/);
    expect(await homing.cli('keys', 'list')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('homing restore'),
    });
    expect((await homing.cli('restore', backupFile())).status).toBe(0);
    await homing.restart();
    const { body } = await clientFor(homing.url, homing.testKey).get('/v1/messages');
    expect(body.messages).toHaveLength(2);
  });

  it('starts after a crash without a restore, with every accepted message', async () => {
    await send(3);
    await homing.kill();
    await homing.restart();
    await send(2);
    await homing.kill();
    await homing.restart();
    const { body } = await clientFor(homing.url, homing.testKey).get('/v1/messages');
    expect(body.messages).toHaveLength(5);
  });

  it('rejects a folder in which a restore was interrupted', async () => {
    await homing.stop();
    renameSync(database(), `${database()}.restoring`);
    await expect(homing.restart()).rejects.toThrow(/A restore was interrupted/);
    expect(existsSync(database())).toBe(false);
  });

  it('rejects a file that is not a database, and names the next step', async () => {
    await homing.stop();
    for (const suffix of ['-wal', '-shm']) rmSync(database() + suffix, { force: true });
    writeFileSync(database(), 'not a database'.repeat(100));
    await expect(homing.restart()).rejects.toThrow(/homing\.db is not a SQLite database\. Restore a backup/);
  });

  it('stops if the check after the start finds damage', async () => {
    await send(200);
    await homing.stop();
    const bytes = readFileSync(database());
    const connection = new Database(database(), { readonly: true });
    const page = connection
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'tool_calls_of_world'")
      .pluck()
      .get() as number;
    const pageSize = connection.pragma('page_size', { simple: true }) as number;
    connection.close();
    bytes.fill(0xff, (page - 1) * pageSize, page * pageSize);
    writeFileSync(database(), bytes);

    await homing.restart();
    await until('the exit', () => !isRunning(homing.pid()), 60_000);
    expect(homing.log()).toContain('homing.db is damaged. Stop the broker and restore a backup');
  });

  it('creates the first keys only when it listens', async () => {
    const dataDir = join(folder, 'data');
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const { port } = other.address() as { port: number };
    const env = { HOMING_DATA_DIR: dataDir, HOMING_PORT: String(port) };
    try {
      const failed = await runCli(['serve', '--json'], env);
      expect([failed.status, failed.stdout]).toEqual([1, '']);
      const owner = process.platform === 'linux' ? `process ${process.pid} (` : '';
      expect(failed.stderr).toContain(`Port ${port} of 127.0.0.1 is in use by ${owner}`);
    } finally {
      other.close();
    }
    const program = spawn(process.execPath, ['dist/cli/main.js', 'serve', '--json'], {
      env: { ...process.env, ...env },
    });
    let output = '';
    program.stdout.on('data', (chunk) => {
      output += chunk;
    });
    try {
      await until('the keys', () => output.includes('\n'));
      expect(JSON.parse(output)).toMatchObject({ live_key: expect.stringMatching(/^tb_live_/) });
    } finally {
      program.kill();
    }
  });

  it('makes its files readable only for their owner, also in an existing folder', async () => {
    await send(1);
    await backup();
    await homing.stop();
    chmodSync(homing.dataDir, 0o755);
    chmodSync(database(), 0o644);
    await homing.restart();
    await send(1);
    const modes = readdirSync(homing.dataDir).map((name) => [
      name,
      statSync(join(homing.dataDir, name)).mode & 0o777,
    ]);
    expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([]);
    expect(modes.length).toBeGreaterThanOrEqual(4);
    expect(statSync(backupFile()).mode & 0o777).toBe(0o600);
  });
});

describe('a command', () => {
  it('homing init creates a database once, and prints the first keys', async () => {
    const dataDir = join(folder, 'data');
    const created = await runCli(['init', '--json', '--data-dir', dataDir]);
    expect(created.json).toEqual([
      {
        file: join(dataDir, 'homing.db'),
        live_key: expect.stringMatching(/^tb_live_/),
        test_key: expect.stringMatching(/^tb_test_/),
      },
    ]);
    const again = await runCli(['init', '--data-dir', dataDir]);
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('already exists') });
    const listed = await runCli(['keys', 'list', '--json', '--data-dir', dataDir]);
    expect(listed.json).toHaveLength(2);
  });

  it('creates no database in a folder without one', async () => {
    for (const args of [
      ['keys', 'list'],
      ['keys', 'create'],
      ['pair', '+14155550100'],
      ['messages'],
      ['devices', 'list'],
      ['send', '+14155550100', 'Hi'],
    ]) {
      const result = await runCli([...args, '--data-dir', folder]);
      expect([args, result.status]).toEqual([args, 1]);
      expect(result.stderr).toContain(`There is no database at ${join(folder, 'homing.db')}`);
      expect(result.stderr).toContain('homing serve');
    }
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a later version does not migrate the database of a running broker', async () => {
    const connection = new Database(database());
    const version = connection.pragma('user_version', { simple: true }) as number;
    connection.pragma(`user_version = ${version - 1}`);
    const result = await homing.cli('keys', 'list');
    expect(result).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('The running broker is of an earlier version than this command'),
    });
    expect(connection.pragma('user_version', { simple: true })).toBe(version - 1);
    connection.pragma(`user_version = ${version}`);
    connection.close();
  });

  it('homing pair prints the address of the running broker, whatever its port', async () => {
    const paired = await runCli(['pair', '+14155550177', '--json', '--data-dir', homing.dataDir]);
    expect(paired.json[0].setup_url).toContain(`${homing.url}/setup-shortcut?token=`);
    await homing.stop();
    const later = await runCli(['pair', '+14155550177', '--json', '--data-dir', homing.dataDir]);
    expect(later.json[0].setup_url).toContain('http://127.0.0.1:8080/');
  });

  it('homing backup names a missing folder', async () => {
    const result = await homing.cli('backup', '/nope/backup.db');
    expect(result).toMatchObject({ status: 1, stderr: expect.stringContaining('There is no folder /nope') });
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
