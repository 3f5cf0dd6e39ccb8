/** Tests the backups of the dashboard. */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
let owner: DashboardClient;

beforeAll(async () => {
  broker = await startInProcess();
  owner = await signIn(broker);
});
afterAll(() => broker?.dispose());

describe('backups', () => {
  it('are written in the background, downloaded as a complete database, and deleted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'homing-download-'));
    const started = await owner.post('/backups');
    expect(started.status, started.text).toBe(202);
    expect(started.body.running).toMatchObject({ name: expect.stringMatching(/^homing-.*\.db$/) });
    const again = await owner.post('/backups');
    expect(again.status).toBe(409);
    const [backup] = await until('the backup', async () => {
      const { body } = await owner.get('/backups');
      expect(body.problem).toBeNull();
      return body.running === null ? body.backups : undefined;
    });
    expect(backup).toEqual({
      name: started.body.running.name,
      bytes: expect.any(Number),
      createdAt: expect.any(Number),
    });
    const file = join(broker.dataDir, 'backups', backup.name);
    expect(statSync(file).mode & 0o077).toBe(0);
    expect(readdirSync(join(broker.dataDir, 'backups'))).toEqual([backup.name]);

    const response = await fetch(`${broker.url}/dashboard/api/backups/${backup.name}`, {
      headers: { cookie: owner.cookie },
    });
    expect(response.headers.get('content-disposition')).toContain(backup.name);
    const copy = join(folder, 'copy.db');
    writeFileSync(copy, new Uint8Array(await response.arrayBuffer()));
    const database = new Database(copy, { readonly: true });
    expect(database.pragma('quick_check', { simple: true })).toBe('ok');
    expect(database.prepare('SELECT slug FROM accounts').all()).toEqual([{ slug: 'default' }]);
    database.close();
    rmSync(folder, { recursive: true });

    expect((await owner.delete(`/backups/${backup.name}`)).status).toBe(204);
    expect((await owner.delete(`/backups/${backup.name}`)).status).toBe(404);
    expect((await owner.get('/backups')).body.backups).toEqual([]);
  });

  it.each(['..%2Fhoming.db', 'homing.db', 'homing-2026.db.partial', '%2e%2e'])(
    'a name such as %s is unknown',
    async (name) => {
      expect((await owner.get(`/backups/${name}`)).status).toBe(404);
      expect((await owner.delete(`/backups/${name}`)).status).toBe(404);
    },
  );

  it('need the role owner, and exist only while the broker has one account', async () => {
    const member = await signIn(broker, { role: 'member' });
    expect((await member.get('/backups')).status).toBe(403);
    await createAccount(broker, 'other');
    const stranger = await signIn(broker, { account: 'other' });
    const responses = [
      await owner.get('/backups'),
      await stranger.get('/backups'),
      await stranger.post('/backups'),
      await stranger.get('/backups/homing-2026-11-21T00-00-00-000Z.db'),
      await stranger.delete('/backups/homing-2026-11-21T00-00-00-000Z.db'),
    ];
    expect(responses.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect((await owner.get('/account')).body.hasBackups).toBe(false);
  });
});
