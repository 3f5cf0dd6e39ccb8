import pg from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { ACTIVE_LOCK } from '../../../broker/store/postgres/transactions.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { newDatabase, newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { until } from '../../support/until.ts';

describe('a broker beside an active broker of an earlier version', () => {
  const ends: Array<() => Promise<unknown>> = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** Takes the lock that a broker of an earlier version has alone. Returns a function that releases it. */
  async function startEarlierBroker(database: TestDatabase): Promise<() => Promise<void>> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query(`SELECT pg_advisory_lock(${ACTIVE_LOCK}, hashtext(current_schema()))`);
    let isEnded = false;
    const stop = async () => {
      if (!isEnded) await client.end();
      isEnded = true;
    };
    ends.push(stop);
    return stop;
  }

  async function startBoth(): Promise<{ standby: HomingProcess; stopEarlier: () => Promise<void> }> {
    const database = await newEmptyDatabase();
    ends.push(() => database.drop());
    const stopEarlier = await startEarlierBroker(database);
    const standby = await startHoming({ DATABASE_URL: database.url });
    ends.push(() => standby.dispose());
    return { standby, stopEarlier };
  }

  it('is healthy, and answers every request with 503 and Retry-After', async () => {
    const { standby } = await startBoth();
    expect(standby.liveKey).toBeUndefined();
    expect((await fetch(`${standby.url}/healthz`)).status).toBe(200);
    for (const path of ['/readyz', '/v1/messages', '/dashboard', '/relay/v1/poll']) {
      const response = await fetch(standby.url + path);
      expect(response.status, path).toBe(503);
      expect(response.headers.get('retry-after'), path).toBe('1');
      expect(await response.json()).toMatchObject({
        error: { code: 'unavailable', message: expect.stringContaining('an earlier version') },
      });
    }
    const socket = new WebSocket(`${standby.url.replace('http', 'ws')}/relay/v1/session`);
    const [error] = await new Promise<[Error]>((resolve) => socket.once('error', (...args) => resolve(args)));
    expect(error.message).toContain('503');
  });

  it('serves on the same address when that broker has ended', async () => {
    const { standby, stopEarlier } = await startBoth();
    await stopEarlier();
    // The port is closed for a moment, between the two servers.
    await until('the broker to serve', () =>
      fetch(`${standby.url}/readyz`).then(
        ({ status }) => status === 200,
        () => false,
      ),
    );
  });

  it('stops cleanly while it stands by', async () => {
    const { standby } = await startBoth();
    expect(await standby.stop()).toBe(0);
  });

  it('rejects a schema of a newer version', async () => {
    const database = await newDatabase();
    ends.push(() => database.drop());
    await query(database.url, 'UPDATE database_state SET schema_version = 999');
    await expect(startHoming({ DATABASE_URL: database.url })).rejects.toThrow('schema version 999');
  });
});
