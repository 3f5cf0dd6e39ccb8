/** Runs the commands of the guide "Run on PostgreSQL". */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backupCommands } from '../../../broker/store/postgres/backup-commands.ts';
import { clientConfig, TLS_MODES } from '../../../broker/store/postgres/connection.ts';
import { fillDatabase } from '../../support/filled-database.ts';
import { runCli, startHoming } from '../../support/homing-process.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';

const GUIDE = readFileSync('docs/guides/postgresql.md', 'utf8');

/** Returns the lines of the first block of a section. */
function linesOf(heading: string, language = 'text'): string[] {
  const section = GUIDE.split(`## ${heading}\n`)[1] ?? '';
  const [, block = ''] = new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 's').exec(section) ?? [];
  return block.trim().split('\n');
}

let dataDir: string;
let database: TestDatabase;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'homing-guide-'));
  database = await newEmptyDatabase();
});
afterEach(async () => {
  await database.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** Returns the settings that the lines export. */
function exportsOf(lines: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = /^export (\w+)='?([^']*)'?$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
const commandsOf = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith('npx homing ')).map((line) => line.split(' ').slice(2));

it('creates the role and the database, and starts a broker with them', async () => {
  const own = `guide_${Date.now()}`;
  const rename = (text: string) => text.replace(/\bhoming\b/g, own);
  const statements = linesOf('Create the database', 'sql').map(rename);
  const url = new URL(rename(exportsOf(linesOf('Start the broker')).DATABASE_URL!));
  const [first, ...others] = commandsOf(linesOf('Start the broker'));
  url.host = new URL(database.url).host;
  try {
    for (const statement of statements) await query(database.url, statement);
    const env = { HOMING_DATA_DIR: dataDir, DATABASE_URL: url.href };
    expect(await runCli(first!, env)).toMatchObject({ status: 0 });
    expect(others).toEqual([['serve']]);
    const homing = await startHoming({ DATABASE_URL: url.href });
    const [check] = commandsOf(linesOf('Check the database'));
    const { status, stdout } = await homing.cli(...check!);
    expect(stdout).toMatch(/^active brokers +1$/m);
    expect(status).toBe(0);
    await homing.dispose();
  } finally {
    await query(database.url, `DROP DATABASE IF EXISTS ${own} WITH (FORCE)`);
    await query(database.url, `DROP ROLE IF EXISTS ${own}`);
  }
});

it('names settings that the program accepts', () => {
  const modes = [...GUIDE.matchAll(/^\| `([a-z-]+)`(?: \(default\))? \| (?:yes|no) \|/gm)].map(
    ([, mode]) => mode,
  );
  expect(modes).toEqual(TLS_MODES);
  for (const heading of ['Share a database with other programs', 'Use a connection pooler']) {
    const { DATABASE_URL = '', HOMING_DATABASE_PREPARED_STATEMENTS: prepares } = exportsOf(linesOf(heading));
    expect(clientConfig({ url: DATABASE_URL, usesPreparedStatements: prepares !== '0' })).toBeTruthy();
  }
  const encrypted = new URL(exportsOf(linesOf('Encrypt the connection')).DATABASE_URL!);
  expect([...encrypted.searchParams.keys()]).toEqual(['sslmode', 'sslrootcert']);
});

it('moves a database from SQLite, and back', async () => {
  const file = join(dataDir, 'homing.db');
  await fillDatabase(file, { messages: 10, rows: 0, now: Date.now() });
  const env = { HOMING_DATA_DIR: dataDir, DATABASE_URL: database.url };
  const [migrate] = commandsOf(linesOf('Move from SQLite'));
  const { status, stderr } = await runCli(migrate!, env);
  expect(status, stderr).toBe(0);
  const [, moved = ''] = /The SQLite database is in (\S+),/.exec(stderr) ?? [];
  expect(existsSync(file)).toBe(false);
  const [, back = ''] = /`npx homing (restore [^`]+)`/.exec(GUIDE) ?? [];
  const args = back.replace(/data\/migrated-<time>/, moved).split(' ');
  expect(await runCli(args, { HOMING_DATA_DIR: dataDir })).toMatchObject({ status: 0 });
  expect(existsSync(file)).toBe(true);
});

it('has the commands that homing backup prints', () => {
  const { backup, restore } = backupCommands('postgres://homing:x@db.example.com:5432/homing');
  expect(linesOf('Back up and restore')).toEqual([backup, restore.replace('<empty database>', 'restored')]);
});
