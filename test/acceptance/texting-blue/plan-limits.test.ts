/** Tests the limits of each plan: requests and messages per minute, messages per month, numbers and media. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Client,
  createAccount,
  createClient,
  expectError,
  type HttpResponse,
  setPlan,
} from '../../support/http-client.ts';
import { ROOMY, writePlans } from '../../support/plans-file.ts';
import { until } from '../../support/until.ts';

const MONTH = 3;
const MEDIA = { media_url: 'https://example.com/cat.jpg' };

let homing: HomingProcess;

beforeAll(async () => {
  homing = await startHoming({
    HOMING_PLANS_FILE: writePlans({ roomy: ROOMY, tiny: { ...ROOMY, messages_per_month: MONTH } }),
  });
});
afterAll(() => homing?.dispose());

type AccountClient = Client & { account: string };

let accounts = 0;
/** Creates an account with the plan and returns a client. */
async function clientOn(plan: string, environment: 'live' | 'test' = 'test'): Promise<AccountClient> {
  accounts += 1;
  const account = `${plan}-${accounts}`;
  await createAccount(homing, account, plan);
  return { ...(await createClient(homing, { account, environment })), account };
}

const firsts = new Map<string, Promise<AccountClient>>();
/** Returns a shared client for tests that do not exhaust the plan. The creation takes most of a test's time. */
function firstOn(plan: string): Promise<AccountClient> {
  const client = firsts.get(plan) ?? clientOn(plan);
  firsts.set(plan, client);
  return client;
}
/** Returns a live client of the same account. */
const firstLiveOn = async (plan: string) =>
  createClient(homing, { account: (await firstOn(plan)).account, environment: 'live' });

/** Limits count per full minute of the clock, so a burst must not begin at the end of a minute. */
const untilEarlyInMinute = () => until('a minute with time left', () => Date.now() % 60_000 < 55_000);

const send = (client: Client, body: object = {}, headers?: Record<string, string>) =>
  client.post('/v1/messages/send', { to: '+15005550010', content: 'Hi', ...body }, headers);
const contents = async (client: Client): Promise<string[]> =>
  (await client.get('/v1/messages?limit=100')).body.messages.map(
    ({ content }: { content: string }) => content,
  );
const remaining = (response: HttpResponse) => Number(response.headers.get('x-ratelimit-remaining'));

function expectRateLimited(response: HttpResponse): void {
  expectError(response, 429, 'rate_limited');
  expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
  const seconds = Number(response.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
}

describe('the limit of requests per minute', () => {
  it.each([
    ['free', 60],
    ['starter', 300],
    ['pro', 1_000],
    ['enterprise', 5_000],
  ])('of the plan %s is %i, and every response contains the remaining requests', async (plan, limit) => {
    const client = await firstOn(plan);
    await untilEarlyInMinute();
    for (const left of [limit - 1, limit - 2, limit - 3]) {
      expect(remaining(await client.get('/v1/messages'))).toBe(left);
    }
  });

  it('applies to all keys of an account together, and returns 429 with Retry-After', async () => {
    const client = await clientOn('free');
    const second = await createClient(homing, { account: client.account });
    const other = await firstOn('free');
    await untilEarlyInMinute();
    for (let left = 59; left >= 30; left -= 1) {
      const response = await client.get('/v1/numbers');
      expect(response.status).toBe(200);
      expect(remaining(response)).toBe(left);
    }
    const racing = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? client : second).get('/v1/messages')),
    );
    expect(racing.filter(({ status }) => status === 200)).toHaveLength(30);
    for (const response of [
      ...racing.filter(({ status }) => status !== 200),
      await second.get('/v1/numbers'),
      await send(client),
    ]) {
      expectRateLimited(response);
      expect(remaining(response)).toBe(0);
    }
    expect((await other.get('/v1/numbers')).status).toBe(200);
  });

  it('is part of error responses too', async () => {
    const client = await firstOn('enterprise');
    const reader = await createClient(homing, { account: client.account, permissions: 'messages:read' });
    const responses = {
      400: await client.get('/v1/messages?limit=0'),
      401: await client.request('GET', '/v1/messages', { headers: { 'x-api-key': 'nonsense' } }),
      403: await send(reader),
      404: await client.get('/v1/messages/msg_01m7ypkdxffkmb6tyeck3vccad'),
      413: await client.post('/v1/messages/send', 'x'.repeat(1_000_000)),
    };
    for (const [status, response] of Object.entries(responses)) {
      expect(response.status).toBe(Number(status));
      expect(response.headers.get('x-ratelimit-remaining'), status).toMatch(/^\d+$/);
    }
  });

  it('is part of 404, 405 and invalid-path responses too', async () => {
    const client = await firstOn('enterprise');
    for (const response of [
      await client.get('/v1/nothing'),
      await client.request('PATCH', '/v1/messages'),
      await client.get('/v1/messages/%zz'),
    ]) {
      expect(response.headers.get('x-ratelimit-remaining'), response.text).toMatch(/^\d+$/);
    }
  });
});

describe('the limit of messages per minute', () => {
  it.each([
    ['free', 5, {}],
    ['starter', 20, MEDIA],
    ['pro', 60, MEDIA],
    ['enterprise', 200, MEDIA],
  ])('of the plan %s is %i; the next message returns 429 and is not stored', async (plan, limit, body) => {
    const client = await firstOn(plan);
    await untilEarlyInMinute();
    const responses = await Promise.all(Array.from({ length: limit }, () => send(client, body)));
    for (const response of responses) expect(response.status, response.text).toBe(202);
    const limited = await send(client, { content: 'one too many' });
    expectRateLimited(limited);
    expect(remaining(limited)).toBeGreaterThan(0);
    expect(await contents(client)).not.toContain('one too many');
    expect((await client.get('/v1/messages')).status).toBe(200);
  });

  it('counts dry runs, and rejects one more', async () => {
    const client = await clientOn('free');
    await untilEarlyInMinute();
    for (let n = 0; n < 5; n += 1) expect((await send(client, { dry_run: true })).status).toBe(200);
    expectRateLimited(await send(client, { dry_run: true }));
    expectRateLimited(await send(client));
  });

  it('does not count repeats of an idempotency key', async () => {
    const client = await clientOn('free');
    const headers = { 'idempotency-key': 'sent-only-once' };
    await untilEarlyInMinute();
    const first = await send(client, {}, headers);
    for (let n = 0; n < 4; n += 1) expect((await send(client)).status).toBe(202);
    const repeat = await send(client, {}, headers);
    expect(repeat.status, repeat.text).toBe(202);
    expect(repeat.text).toBe(first.text);
  });
});

describe('the limit of messages per month', () => {
  it('of the plan free is 100, also at the command line', async () => {
    // Sent on a plan without a limit per minute, because free allows five messages per minute.
    const client = await clientOn('roomy');
    await Promise.all(Array.from({ length: 100 }, () => send(client)));
    await setPlan(homing, client.account, 'free');
    const result = await homing.cli(
      ...['send', '+15005550010', 'Hi', '--account', client.account, '--environment', 'test'],
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/limit of 100 messages per month/);
  });

  it('returns 402 and stores nothing; rejected messages and repeats do not count', async () => {
    const client = await clientOn('tiny');
    const headers = { 'idempotency-key': 'in-this-month' };
    expectError(await send(client, { to: 'nobody' }), 400, 'invalid_request', 'to');
    expectError(await send(client, { from: '+15005550031' }), 400, 'invalid_request', 'from');
    const first = await send(client, {}, headers);
    for (let n = 0; n < 2; n += 1) expect((await send(client, {}, headers)).text).toBe(first.text);
    for (let n = 1; n < MONTH; n += 1) expect((await send(client)).status).toBe(202);
    expectError(await send(client, { content: 'one too many' }), 402, 'plan_limit_exceeded');
    expect(await contents(client)).toEqual(['Hi', 'Hi', 'Hi']);
    expect((await send(client, {}, headers)).text).toBe(first.text);
  });

  it('is exact for concurrent sends, and separate for live and sandbox messages', async () => {
    const sandbox = await clientOn('tiny');
    const responses = await Promise.all(Array.from({ length: 12 }, () => send(sandbox)));
    expect(responses.filter(({ status }) => status === 202)).toHaveLength(MONTH);
    expect(responses.filter(({ status }) => status === 402)).toHaveLength(12 - MONTH);
    expect(await contents(sandbox)).toHaveLength(MONTH);

    const live = await createClient(homing, { account: sandbox.account, environment: 'live' });
    const from = '+14155550150';
    await homing.cli('pair', from, '--account', sandbox.account, '--json');
    expect((await send(live, { from })).status).toBe(202);
  });
});

describe('the field media_url', () => {
  it('returns 402 on the plan free and is accepted after an upgrade', async () => {
    const client = await clientOn('free');
    const body = { ...MEDIA, content: 'a cat' };
    expectError(await send(client, body), 402, 'plan_limit_exceeded', 'media_url');
    const several = { ...body, media_url: undefined, media_urls: [MEDIA.media_url] };
    expectError(await send(client, several), 402, 'plan_limit_exceeded', 'media_urls');
    expect(await contents(client)).toEqual([]);
    await setPlan(homing, client.account, 'starter');
    expect((await send(client, MEDIA)).status).toBe(202);
    await setPlan(homing, client.account, 'free');
    expectError(await send(client, body), 402, 'plan_limit_exceeded', 'media_url');
    expect(await contents(client)).toEqual(['Hi']);
  });
});

describe('the limit of numbers', () => {
  let next = 200;
  const phoneNumber = () => {
    next += 1;
    return `+14155550${next}`;
  };
  const verify = (client: Client, number: string) =>
    client.post('/v1/numbers/verify', { phone_number: number });

  it.each([
    ['free', 1],
    ['starter', 2],
    ['pro', 5],
  ])(
    'of the plan %s is %i, also for concurrent requests; the next number returns 402',
    async (plan, limit) => {
      const client = await firstLiveOn(plan);
      const numbers = Array.from({ length: limit + 2 }, phoneNumber);
      const responses = await Promise.all(numbers.map((number) => verify(client, number)));
      expect(responses.filter(({ status }) => status === 200)).toHaveLength(limit);
      expectError(await verify(client, phoneNumber()), 402, 'plan_limit_exceeded', 'phone_number');
      const listed = (await client.get('/v1/numbers')).body.numbers;
      expect(listed).toHaveLength(limit);
      // A number that the account already has does not count again.
      expect((await verify(client, listed[0].phone_number)).status).toBe(200);
      // A deleted number does not count.
      expect((await client.delete(`/v1/numbers/${listed[0].id}`)).status).toBe(204);
      expect((await verify(client, phoneNumber())).status).toBe(200);
    },
  );

  it('does not exist on the plan enterprise', async () => {
    const client = await firstLiveOn('enterprise');
    const responses = await Promise.all(Array.from({ length: 10 }, () => verify(client, phoneNumber())));
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('includes numbers that were paired at the command line', async () => {
    const client = await clientOn('free', 'live');
    expect((await homing.cli('pair', phoneNumber(), '--account', client.account)).status).toBe(0);
    expectError(await verify(client, phoneNumber()), 402, 'plan_limit_exceeded', 'phone_number');
    const result = await homing.cli('pair', phoneNumber(), '--account', client.account);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/number/);
  });
});
