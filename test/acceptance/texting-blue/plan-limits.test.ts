/** What each plan allows: requests and messages a minute, messages a month, numbers, media. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import {
  type Answer,
  type Client,
  createAccount,
  createClient,
  expectError,
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
/** A client of a new account on this plan. */
async function clientOn(plan: string, environment: 'live' | 'test' = 'test'): Promise<AccountClient> {
  accounts += 1;
  const account = `${plan}-${accounts}`;
  await createAccount(homing, account, plan);
  return { ...(await createClient(homing, { account, environment })), account };
}

const firsts = new Map<string, Promise<AccountClient>>();
/** The sandbox of an account for all tests that don't use its plan up; making one takes most of a test's time. */
function firstOn(plan: string): Promise<AccountClient> {
  const client = firsts.get(plan) ?? clientOn(plan);
  firsts.set(plan, client);
  return client;
}
/** The live side of the same account. */
const firstLiveOn = async (plan: string) =>
  createClient(homing, { account: (await firstOn(plan)).account, environment: 'live' });

/** Minutes are counted from the clock's full minute, so a burst must not begin at the end of one. */
const enoughOfTheMinute = () => until('a minute with time left', () => Date.now() % 60_000 < 55_000);

const send = (client: Client, body: object = {}, headers?: Record<string, string>) =>
  client.post('/v1/messages/send', { to: '+15005550010', content: 'Hi', ...body }, headers);
const contents = async (client: Client): Promise<string[]> =>
  (await client.get('/v1/messages?limit=100')).body.messages.map(
    ({ content }: { content: string }) => content,
  );
const remaining = (answer: Answer) => Number(answer.headers.get('x-ratelimit-remaining'));

function expectRateLimited(answer: Answer): void {
  expectError(answer, 429, 'rate_limited');
  expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  const seconds = Number(answer.headers.get('retry-after'));
  expect(seconds).toBeGreaterThanOrEqual(1);
  expect(seconds).toBeLessThanOrEqual(60);
}

describe('requests a minute', () => {
  it.each([
    ['free', 60],
    ['starter', 300],
    ['pro', 1_000],
    ['enterprise', 5_000],
  ])('on %s are %i, and every answer says how many are left', async (plan, limit) => {
    const client = await firstOn(plan);
    await enoughOfTheMinute();
    for (const left of [limit - 1, limit - 2, limit - 3]) {
      expect(remaining(await client.get('/v1/messages'))).toBe(left);
    }
  });

  it('beyond the plan are refused with 429 and Retry-After, whichever key of the account they carry', async () => {
    const client = await clientOn('free');
    const colleague = await createClient(homing, { account: client.account });
    const neighbour = await firstOn('free');
    await enoughOfTheMinute();
    for (let left = 59; left >= 30; left -= 1) {
      const answer = await client.get('/v1/numbers');
      expect(answer.status).toBe(200);
      expect(remaining(answer)).toBe(left);
    }
    const racing = await Promise.all(
      Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? client : colleague).get('/v1/messages')),
    );
    expect(racing.filter(({ status }) => status === 200)).toHaveLength(30);
    for (const answer of [
      ...racing.filter(({ status }) => status !== 200),
      await colleague.get('/v1/numbers'),
      await send(client),
    ]) {
      expectRateLimited(answer);
      expect(remaining(answer)).toBe(0);
    }
    expect((await neighbour.get('/v1/numbers')).status).toBe(200);
  });

  it('left are told with refusals too', async () => {
    const client = await firstOn('enterprise');
    const reader = await createClient(homing, { account: client.account, permissions: 'messages:read' });
    const answers = {
      400: await client.get('/v1/messages?limit=0'),
      401: await client.request('GET', '/v1/messages', { headers: { 'x-api-key': 'nonsense' } }),
      403: await send(reader),
      404: await client.get('/v1/messages/msg_01m7ypkdxffkmb6tyeck3vccad'),
      413: await client.post('/v1/messages/send', 'x'.repeat(1_000_000)),
    };
    for (const [status, answer] of Object.entries(answers)) {
      expect(answer.status).toBe(Number(status));
      expect(answer.headers.get('x-ratelimit-remaining'), status).toMatch(/^\d+$/);
    }
  });

  it('left are told also where there is no such path or method', async () => {
    const client = await firstOn('enterprise');
    for (const answer of [
      await client.get('/v1/nothing'),
      await client.request('PATCH', '/v1/messages'),
      await client.get('/v1/messages/%zz'),
    ]) {
      expect(answer.headers.get('x-ratelimit-remaining'), answer.text).toMatch(/^\d+$/);
    }
  });
});

describe('messages a minute', () => {
  it.each([
    ['free', 5, {}],
    ['starter', 20, MEDIA],
    ['pro', 60, MEDIA],
    ['enterprise', 200, MEDIA],
  ])('on %s are %i; the next one is refused with 429 and not stored', async (plan, limit, body) => {
    const client = await firstOn(plan);
    await enoughOfTheMinute();
    const answers = await Promise.all(Array.from({ length: limit }, () => send(client, body)));
    for (const answer of answers) expect(answer.status, answer.text).toBe(202);
    const refused = await send(client, { content: 'one too many' });
    expectRateLimited(refused);
    expect(remaining(refused)).toBeGreaterThan(0);
    expect(await contents(client)).not.toContain('one too many');
    expect((await client.get('/v1/messages')).status).toBe(200);
  });

  it('do not count a repeat, which is no other message', async () => {
    const client = await clientOn('free');
    const headers = { 'idempotency-key': 'sent-only-once' };
    await enoughOfTheMinute();
    const first = await send(client, {}, headers);
    for (let n = 0; n < 4; n += 1) expect((await send(client)).status).toBe(202);
    const repeat = await send(client, {}, headers);
    expect(repeat.status, repeat.text).toBe(202);
    expect(repeat.text).toBe(first.text);
  });
});

describe('messages a month', () => {
  it('on free are 100, at the command line as well', async () => {
    // Sent on a plan with wide minutes, since the free one has five messages in each.
    const client = await clientOn('roomy');
    await Promise.all(Array.from({ length: 100 }, () => send(client)));
    await setPlan(homing, client.account, 'free');
    const refused = await homing.cli(
      ...['send', '+15005550010', 'Hi', '--account', client.account, '--environment', 'test'],
    );
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/limit of 100 messages per month/);
  });

  it('beyond the plan are refused with 402 and not stored; refusals and repeats count nothing', async () => {
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

  it('are counted exactly when sends race, and the sandbox’s are not taken from the live ones', async () => {
    const sandbox = await clientOn('tiny');
    const answers = await Promise.all(Array.from({ length: 12 }, () => send(sandbox)));
    expect(answers.filter(({ status }) => status === 202)).toHaveLength(MONTH);
    expect(answers.filter(({ status }) => status === 402)).toHaveLength(12 - MONTH);
    expect(await contents(sandbox)).toHaveLength(MONTH);

    const live = await createClient(homing, { account: sandbox.account, environment: 'live' });
    const from = '+14155550150';
    await homing.cli('pair', from, '--account', sandbox.account, '--json');
    expect((await send(live, { from })).status).toBe(202);
  });
});

describe('media_url', () => {
  it('is refused with 402 on free and taken above it, by the plan of the moment', async () => {
    const client = await clientOn('free');
    const refused = { ...MEDIA, content: 'a cat' };
    expectError(await send(client, refused), 402, 'plan_limit_exceeded', 'media_url');
    expect(await contents(client)).toEqual([]);
    await setPlan(homing, client.account, 'starter');
    expect((await send(client, MEDIA)).status).toBe(202);
    await setPlan(homing, client.account, 'free');
    expectError(await send(client, refused), 402, 'plan_limit_exceeded', 'media_url');
    expect(await contents(client)).toEqual(['Hi']);
  });
});

describe('numbers', () => {
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
    'on %s are %i, also when they are asked for at once; the next one is refused with 402',
    async (plan, limit) => {
      const client = await firstLiveOn(plan);
      const asked = Array.from({ length: limit + 2 }, phoneNumber);
      const answers = await Promise.all(asked.map((number) => verify(client, number)));
      expect(answers.filter(({ status }) => status === 200)).toHaveLength(limit);
      expectError(await verify(client, phoneNumber()), 402, 'plan_limit_exceeded', 'phone_number');
      const { numbers } = (await client.get('/v1/numbers')).body;
      expect(numbers).toHaveLength(limit);
      // One that it has already needs no more room.
      expect((await verify(client, numbers[0].phone_number)).status).toBe(200);
      // And room comes back.
      expect((await client.delete(`/v1/numbers/${numbers[0].id}`)).status).toBe(204);
      expect((await verify(client, phoneNumber())).status).toBe(200);
    },
  );

  it('on enterprise are as many as one likes', async () => {
    const client = await firstLiveOn('enterprise');
    const answers = await Promise.all(Array.from({ length: 10 }, () => verify(client, phoneNumber())));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
  });

  it('paired at the command line count too', async () => {
    const client = await clientOn('free', 'live');
    expect((await homing.cli('pair', phoneNumber(), '--account', client.account)).status).toBe(0);
    expectError(await verify(client, phoneNumber()), 402, 'plan_limit_exceeded', 'phone_number');
    const refused = await homing.cli('pair', phoneNumber(), '--account', client.account);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/number/);
  });
});
