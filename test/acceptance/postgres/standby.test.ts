import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { until } from '../../support/until.ts';

describe('a broker that stands by', () => {
  const ends: Array<() => Promise<unknown>> = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function startPair(): Promise<[HomingProcess, HomingProcess, TestDatabase]> {
    const database = await newEmptyDatabase();
    ends.push(() => database.drop());
    const active = await startHoming({ DATABASE_URL: database.url });
    ends.push(() => active.dispose());
    const standby = await startHoming({ DATABASE_URL: database.url });
    ends.push(() => standby.dispose());
    return [active, standby, database];
  }

  it('is healthy, and answers every request with 503 and Retry-After', async () => {
    const [active, standby] = await startPair();
    expect(active.liveKey).toMatch(/^tb_live_/);
    expect(standby.liveKey).toBeUndefined();
    expect((await fetch(`${standby.url}/healthz`)).status).toBe(200);
    for (const path of ['/readyz', '/v1/messages', '/dashboard', '/relay/v1/poll']) {
      const response = await fetch(standby.url + path, { headers: { 'x-api-key': active.liveKey } });
      expect(response.status, path).toBe(503);
      expect(response.headers.get('retry-after'), path).toBe('1');
      expect(await response.json()).toMatchObject({ error: { code: 'unavailable' } });
    }
    const socket = new WebSocket(`${standby.url.replace('http', 'ws')}/relay/v1/session`);
    const [error] = await new Promise<[Error]>((resolve) => socket.once('error', (...args) => resolve(args)));
    expect(error.message).toContain('503');
  });

  it('takes over when the active broker is stopped, on the same address, with the same keys', async () => {
    const [active, standby] = await startPair();
    expect(await active.stop()).toBe(0);
    // The port is closed for a moment, between the two servers.
    await until('the standby to take over', () =>
      fetch(`${standby.url}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
    const response = await fetch(`${standby.url}/v1/messages`, { headers: { 'x-api-key': active.liveKey } });
    expect(response.status).toBe(200);
    expect(standby.log()).toContain('taking over');
  });

  it('stops cleanly while it stands by', async () => {
    const [active, standby] = await startPair();
    expect(await standby.stop()).toBe(0);
    expect((await fetch(`${active.url}/readyz`)).status).toBe(200);
  });

  it('ends with an error instead of taking over a schema of a newer version', async () => {
    const [active, standby, database] = await startPair();
    await query(database.url, 'UPDATE database_state SET schema_version = 999');
    await active.kill();
    await until('the standby to end', () => standby.log().includes('the broker cannot run on'));
    expect(standby.log()).toContain('schema version 999');
    await expect(fetch(`${standby.url}/healthz`)).rejects.toThrow();
  });
});
