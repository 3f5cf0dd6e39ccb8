/** Tests `homing backup`, with and without a running broker. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliResult, type HomingProcess, startHoming } from '../support/homing-process.ts';
import { clientFor } from '../support/http-client.ts';
import { until } from '../support/until.ts';

const folders: string[] = [];
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'homing-backup-'));
  folders.push(folder);
  return folder;
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function expectDone(result: CliResult): CliResult {
  expect(result.status, result.stderr).toBe(0);
  return result;
}

describe.each([
  ['with a running broker', true],
  ['without a running broker', false],
])('homing backup %s', (_name, isRunning) => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
    if (!isRunning) await homing.stop();
  });
  afterAll(() => homing?.dispose());

  const json = async (...args: string[]) => {
    const result = expectDone(await homing.cli(...args, '--json'));
    expect(result.stderr).toBe('');
    return result.json;
  };

  it('homing backup writes one file, a valid database with every message', async () => {
    const [sent] = await json('send', '+15005550023', 'in the backup', '--environment', 'test');
    const file = join(newFolder(), 'copy.db');
    const [backup] = await json('backup', file);
    expect(backup).toEqual({ file, bytes: readFileSync(file).length });
    expect(readdirSync(join(file, '..'))).toEqual(['copy.db']);

    const copy = new Database(file, { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    const row = copy.prepare('SELECT content, status FROM messages WHERE id = ?').get(sent.id.slice(4));
    expect(row).toEqual({ content: 'in the backup', status: 'queued' });
    copy.close();
  });
});

describe('homing backup of one running broker', () => {
  let homing: HomingProcess;
  beforeAll(async () => {
    homing = await startHoming();
  });
  afterAll(() => homing?.dispose());

  it('homing backup during sends contains every message accepted before it started', async () => {
    const client = clientFor(homing.url, homing.testKey);
    const sent: string[] = [];
    let isDone = false;
    const sending = (async () => {
      while (!isDone && sent.length < 150) {
        const { status, body } = await client.post('/v1/messages/send', { to: '+15005550010', content: 'x' });
        if (status === 202) sent.push(body.id.slice(4));
      }
    })();
    await until('some messages', () => sent.length > 10);
    const before = [...sent];
    const file = join(newFolder(), 'busy.db');
    expectDone(await homing.cli('backup', file, '--json'));
    isDone = true;
    await sending;

    const copy = new Database(file, { readonly: true });
    expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
    const copied = new Set(copy.prepare('SELECT id FROM messages').pluck().all());
    copy.close();
    expect(before.filter((id) => !copied.has(id))).toEqual([]);
  });

  it('a broker starts with a backup as its database', async () => {
    const client = clientFor(homing.url, homing.testKey);
    const sent = (await client.post('/v1/messages/send', { to: '+15005550010', content: 'restored' })).body;
    const folder = newFolder();
    const file = join(folder, 'homing.db');
    const { stderr } = expectDone(await homing.cli('backup', file));
    expect(stderr).toContain(`stop the broker and run: npx homing restore ${file}`);
    const repeated = await homing.cli('backup', file);
    expect(repeated).toMatchObject({ status: 1, stderr: expect.stringContaining('already exists') });
    expectDone(await homing.cli('backup', file, '--force'));
    const restored = await startHoming({ HOMING_DATA_DIR: folder });
    try {
      expect(restored.liveKey).toBeUndefined();
      const found = await clientFor(restored.url, homing.testKey).get(`/v1/messages/${sent.id}`);
      expect(found.body).toMatchObject({ content: 'restored' });
      expect(await restored.stop()).toBe(0);
    } finally {
      await restored.dispose();
    }
  });
});
