/**
 * Checks a broker whose connections to PostgreSQL become silent, as after a fail-over: the former server neither answers
 * nor closes them, and new connections reach the new one.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { type FlakyProxy, startFlakyProxy } from '../../support/flaky-proxy.ts';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { newDatabase, type TestDatabase } from '../../support/postgres/databases.ts';
import { until } from '../../support/until.ts';

const FROM = '+15005550006';
/** A request waits for up to 5 seconds; more for a loaded machine. */
const ANSWER_MAX_MS = 20_000;
const REQUESTS = 8;

describe('a broker whose connections to the database are silent', () => {
  let database: TestDatabase;
  let proxy: FlakyProxy | undefined;
  let homing: HomingProcess | undefined;
  afterEach(async () => {
    await homing?.dispose();
    proxy?.close();
    await database.drop();
  });

  async function start(): Promise<{ homing: HomingProcess; proxy: FlakyProxy }> {
    database = await newDatabase();
    const url = new URL(database.url);
    proxy = await startFlakyProxy(Number(url.port));
    url.hostname = '127.0.0.1';
    url.port = new URL(proxy.url).port;
    homing = await startHoming({ DATABASE_URL: url.href });
    return { homing, proxy };
  }

  it('answers each request, opens others and sends again', async () => {
    const { homing, proxy } = await start();
    const client = clientFor(homing.url, homing.testKey);
    const send = () =>
      client.post('/v1/messages/send', { from: FROM, to: '+15005550010', content: 'after the fail-over' });
    const list = () => client.get('/v1/messages?limit=1');
    expect((await send()).status).toBe(202);
    expect((await list()).status).toBe(200);

    proxy.silence();
    const startedAt = performance.now();
    const answers = await Promise.all([
      ...Array.from({ length: REQUESTS }, send),
      ...Array.from({ length: REQUESTS }, list),
    ]);
    expect(performance.now() - startedAt).toBeLessThan(ANSWER_MAX_MS);
    for (const { status, headers } of answers) {
      expect([200, 202, 503]).toContain(status);
      if (status === 503) expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    }
    const id = await until('a send', async () => {
      const { status, body } = await send();
      return status === 202 && (body.id as string);
    });
    await until('a list', async () => (await list()).status === 200);
    await until('readiness', async () => (await fetch(`${homing.url}/readyz`)).status === 200);
    // The sandbox of the same broker delivers it.
    await until(
      'the delivery',
      async () => (await client.get(`/v1/messages/${id}`)).body.status === 'delivered',
    );
    expect(await homing.stop()).toBe(0);
  });
});
