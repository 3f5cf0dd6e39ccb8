/** Tests the commands that differ on PostgreSQL: `init`, `backup`, `restore`, `config`, and commands without tables. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { NEWEST_VERSION } from '../../../broker/store/migrations/index.ts';
import { runCli, startHoming } from '../../support/homing-process.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';

let dataDir: string;
let database: TestDatabase;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'homing-commands-'));
  database = await newEmptyDatabase();
});
afterEach(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const shown = () => database.url.replace(/:\w+@/, '@');
const cli = (...args: string[]) => runCli(args, { HOMING_DATA_DIR: dataDir, DATABASE_URL: database.url });
const tables = async () =>
  (await query(database.url, "SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace")).length;

it('homing init creates the tables and the first API keys once, and no file', async () => {
  const { status, json } = await cli('init', '--json');
  expect(status).toBe(0);
  expect(json).toEqual([
    {
      database: shown(),
      live_key: expect.stringMatching(/^tb_live_/),
      test_key: expect.stringMatching(/^tb_test_/),
    },
  ]);
  expect(readdirSync(dataDir)).toEqual([]);
  expect(await cli('init')).toMatchObject({
    ...{ status: 1, stdout: '' },
    stderr: `homing: ${shown()} already has API keys. Start the broker with homing serve.\n`,
  });
});

it('a command without tables exits with 1 and creates none', async () => {
  const { status, stderr } = await cli('keys', 'list');
  expect(stderr).toContain(`There are no tables of Homing in ${shown()}. Create them with homing serve or`);
  expect(status).toBe(1);
  expect(await tables()).toBe(0);
});

it('a command reads the address from a file', async () => {
  await cli('init');
  const url = runCli(
    ['keys', 'list', '--database-url-file', '-'],
    { HOMING_DATA_DIR: dataDir },
    database.url,
  );
  expect(await url).toMatchObject({ status: 0, stdout: expect.stringContaining('First live key') });
});

it('a command of a later version does not migrate the database of a running broker', async () => {
  const homing = await startHoming({ DATABASE_URL: database.url });
  try {
    await query(database.url, `UPDATE database_state SET schema_version = ${NEWEST_VERSION - 1}`);
    const { status, stderr } = await homing.cli('keys', 'list');
    expect(stderr).toContain('Restart the broker with this version first.');
    expect(status).toBe(1);
  } finally {
    await homing.dispose();
  }
});

it('homing backup and homing restore show the commands of PostgreSQL, without the password', async () => {
  const own = `${shown()}`.replace(/[.?/]/g, '\\$&');
  const backup = await cli('backup');
  expect(backup.stderr).toMatch(
    new RegExp(`^ {2}pg_dump --format=custom --no-owner --file=homing\\.dump --dbname='${own}'$`, 'm'),
  );
  expect(backup.stderr).toMatch(/^ {2}pg_restore .*--dbname='.*\/<empty database>' homing\.dump$/m);
  const restore = await cli('restore', 'homing.dump');
  expect(restore.stderr).toMatch(/^ {2}pg_restore --no-owner --single-transaction /m);
  for (const { status, stdout, stderr } of [backup, restore]) {
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).not.toContain(':homing@');
  }
  const ofSchema = await runCli(['backup'], {
    ...{ HOMING_DATA_DIR: dataDir, DATABASE_URL: `${database.url}?schema=own` },
  });
  expect(ofSchema.stderr).toContain(`--schema=own --file=homing.dump --dbname='${shown()}'`);
});

it('homing config does not show the address', async () => {
  const { stdout } = await cli('config');
  expect(stdout).toMatch(/^DATABASE_URL +\(set\) +environment/m);
  expect(stdout).not.toContain(':homing@');
});
