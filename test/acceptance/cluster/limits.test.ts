/** Tests that rate limits hold for all brokers on a database together. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount, createClient } from '../../support/http-client.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { newEmptyDatabase, query, type TestDatabase } from '../../support/postgres/databases.ts';
import { until } from '../../support/until.ts';

const LIMIT = 60;
const REQUESTS = 300;
/** The limits count in full minutes of the clock. */
const untilEarlyInMinute = (secondsLeft: number) =>
  until('a minute with time left', () => Date.now() % 60_000 < 60_000 - 1_000 * secondsLeft, 60_000);

describe('rate limits of several brokers', () => {
  let database: TestDatabase;
  let plansFile: string;
  let brokers: HomingProcess[];

  beforeEach(async () => {
    database = await newEmptyDatabase();
    plansFile = writePlans({
      requests: { ...ROOMY, api_requests_per_minute: LIMIT },
      messages: { ...ROOMY, messages_per_minute: LIMIT },
    });
    brokers = [];
  });
  afterEach(async () => {
    await Promise.all(brokers.map((broker) => broker.dispose()));
    await database.drop();
  });

  async function start(): Promise<HomingProcess> {
    const broker = await startHoming({ DATABASE_URL: database.url, HOMING_PLANS_FILE: plansFile });
    brokers.push(broker);
    return broker;
  }

  /** Starts brokers, and creates an account on the plan. Returns its key. */
  async function startWithPlan(plan: string, count: number): Promise<string> {
    for (let i = 0; i < count; i += 1) await start();
    return keyOn(plan);
  }

  async function keyOn(plan: string): Promise<string> {
    const [first] = brokers as [HomingProcess];
    await createAccount(first, `on-${plan}`, plan);
    return (await createClient(first, { account: `on-${plan}` })).key;
  }

  const get = (url: string, key: string) => fetch(`${url}/v1/messages`, { headers: { 'x-api-key': key } });
  const send = (url: string, key: string) =>
    fetch(`${url}/v1/messages/send`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ to: '+15005550010', content: 'Hi' }),
    });

  /** Sends the requests to the brokers in turn, all at the same time. Returns the number of each status. */
  async function burst(request: (url: string) => Promise<Response>, count = REQUESTS) {
    const urls = brokers.map(({ url }) => url);
    const statuses: Record<number, number> = {};
    await Promise.all(
      Array.from({ length: count }, async (_, index) => {
        const { status } = await request(urls[index % urls.length]!).catch(() => ({ status: 0 }));
        statuses[status] = (statuses[status] ?? 0) + 1;
      }),
    );
    return statuses;
  }

  it('three brokers allow exactly the limit of requests', async () => {
    const key = await startWithPlan('requests', 3);
    await untilEarlyInMinute(20);
    expect(await burst((url) => get(url, key))).toEqual({ 200: LIMIT, 429: REQUESTS - LIMIT });
    const { headers } = await get(brokers[1]!.url, key);
    expect(headers.get('x-ratelimit-limit')).toBe(String(LIMIT));
    expect(headers.get('x-ratelimit-remaining')).toBe('0');
    expect(headers.get('x-ratelimit-reset')).toBe(headers.get('retry-after'));
  });

  it('three brokers accept exactly the limit of messages', async () => {
    const key = await startWithPlan('messages', 3);
    await untilEarlyInMinute(20);
    expect(await burst((url) => send(url, key))).toEqual({ 202: LIMIT, 429: REQUESTS - LIMIT });
    expect(await query(database.url, 'SELECT COUNT(*)::int AS stored FROM messages')).toEqual([
      { stored: LIMIT },
    ]);
  });

  it('a broker that joins continues the counts of the first, and they outlive a killed broker', async () => {
    const key = await startWithPlan('requests', 1);
    await untilEarlyInMinute(40);
    expect(await burst((url) => get(url, key), 25)).toEqual({ 200: 25 });
    await start();
    expect(await burst((url) => get(url, key), 20)).toEqual({ 200: 20 });
    await brokers[0]!.kill();
    const [, second] = brokers as [HomingProcess, HomingProcess];
    let allowed = 0;
    for (let i = 0; i < 30; i += 1) if ((await get(second.url, key)).status === 200) allowed += 1;
    expect(allowed).toBe(LIMIT - 45);
    await brokers[0]!.restart();
    expect((await get(brokers[0]!.url, key)).status).toBe(429);
  });

  it('a broker that joins during a burst of requests never leads to more than the limit', async () => {
    const key = await startWithPlan('requests', 1);
    await untilEarlyInMinute(40);
    const started = Date.now();
    const joining = start();
    let allowed = 0;
    let hasJoined = false;
    void joining.then(() => {
      hasJoined = true;
    });
    while (!hasJoined) {
      if ((await get(brokers[0]!.url, key)).status === 200) allowed += 1;
      // Part of the limit is left when the other broker joins.
      await until('the next request', () => Date.now() - started > allowed * 150, 60_000);
    }
    await joining;
    const statuses = await burst((url) => get(url, key));
    expect(allowed + (statuses[200] ?? 0)).toBe(LIMIT);
  });

  it('all brokers together allow 20 wrong pairing codes a minute', async () => {
    await start();
    await start();
    await untilEarlyInMinute(20);
    const pair = (url: string) =>
      fetch(`${url}/relay/v1/pair`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: 'dev_wrong' }),
      });
    const statuses = await burst(pair, 100);
    expect(statuses[429]).toBe(80);
  });
});
