/** Tests `homing database check` on SQLite with the real program. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NEWEST_VERSION } from '../../broker/store/migrations/index.ts';
import { runCli, startHoming } from '../support/homing-process.ts';

let dataDir: string;
const file = () => join(dataDir, 'homing.db');

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'homing-check-'));
  expect(await runCli(['init'], { HOMING_DATA_DIR: dataDir })).toMatchObject({ status: 0 });
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function check() {
  const { status, stderr, json } = await runCli(['database', 'check', '--json'], {
    HOMING_DATA_DIR: dataDir,
  });
  return { status, stderr, body: json[0] };
}

describe('homing database check', () => {
  it('shows the database without a problem, and changes nothing', async () => {
    const before = readFileSync(file());
    expect(await check()).toEqual({
      ...{ status: 0, stderr: '' },
      body: {
        ...{ ok: true, engine: 'sqlite', database: file(), version: expect.stringMatching(/^3\./) },
        ...{ schema_version: NEWEST_VERSION, newest_schema_version: NEWEST_VERSION },
        bytes: expect.any(Number),
        rows: expect.objectContaining({ accounts: 1, messages: 0 }),
        ...{ active_brokers: 0, problems: [] },
      },
    });
    expect(readFileSync(file()).equals(before)).toBe(true);
  });

  it('shows the running broker', async () => {
    const homing = await startHoming();
    try {
      const { json } = await homing.cli('database', 'check', '--json');
      expect(json).toMatchObject([{ ok: true, active_brokers: 1 }]);
    } finally {
      await homing.dispose();
    }
  });

  it('reports damage', async () => {
    const bytes = readFileSync(file());
    bytes.fill(0xff, 4096 * 2, 4096 * 8);
    writeFileSync(file(), bytes);
    const { status, stderr, body } = await check();
    expect(body).toMatchObject({ ok: false, problems: [expect.stringContaining(`${file()} is damaged.`)] });
    expect(stderr).toContain('homing restore');
    expect(status).toBe(1);
  });

  it.each([
    ['PRAGMA user_version = 9999', 'written by a newer Homing (schema version 9999'],
    [
      "INSERT INTO worlds (account_id, environment) VALUES ('missing', 'live')",
      'rows that refer to missing rows, in worlds',
    ],
  ])('reports a problem after %s', async (change, problem) => {
    const connection = new Database(file());
    connection.pragma('foreign_keys = OFF');
    connection.exec(change);
    connection.close();
    const { status, body } = await check();
    expect(body).toMatchObject({ ok: false, problems: [expect.stringContaining(problem)] });
    expect(status).toBe(1);
  });

  it('reports a missing database', async () => {
    rmSync(file());
    const { status, stderr, body } = await check();
    expect(body).toEqual({ ok: false, problems: [expect.stringContaining('There is no database at')] });
    expect(stderr).toBe(`homing: ${body.problems[0]}\n`);
    expect(status).toBe(1);
  });
});
