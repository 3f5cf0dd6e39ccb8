/**
 * Sets up the project `migrated`: databases that `homing database migrate` has copied from SQLite. Vitest calls it if one of
 * its tests runs.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { fillDatabase } from '../filled-database.ts';
import { runCli } from '../homing-process.ts';
import { databaseUrl, newDatabaseName, query } from './databases.ts';
import { provideServer } from './run-server.ts';
import { closeTemplate } from './template.ts';

const MESSAGES = 100_000;

export default function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideServer(project, createMigratedTemplate);
}

/** The default account is new; another one has 100,000 messages. */
async function createMigratedTemplate(server: string): Promise<string> {
  const name = newDatabaseName();
  await query(server, `CREATE DATABASE "${name}"`);
  const url = databaseUrl(server, name);
  const folder = mkdtempSync(join(tmpdir(), 'homing-migrated-'));
  try {
    const settings = { HOMING_DATA_DIR: folder };
    await succeed(runCli(['init'], settings));
    await fillDatabase(join(folder, 'homing.db'), { messages: MESSAGES, rows: 0, now: Date.now() });
    await succeed(runCli(['database', 'migrate'], { ...settings, DATABASE_URL: url }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  // The first start of a broker prints the first keys, which the tests use.
  await query(url, 'DELETE FROM credentials');
  await closeTemplate(server, name);
  return name;
}

async function succeed(command: ReturnType<typeof runCli>): Promise<void> {
  const { status, stderr } = await command;
  if (status !== 0) throw new Error(`The command exited with ${status}: ${stderr}`);
}
