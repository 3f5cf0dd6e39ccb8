/** Tests that accounts, and the live and test environments of one account, are isolated in the Texting Blue API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import {
  type Client,
  createAccount,
  createClient,
  expectError,
  pairDevice,
} from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const PHONE = '+14155550101';

let homing: RunningBroker;
/** Two accounts with both environments; each tenant has one number and one message. */
const tenants = new Map<string, { client: Client; message: string; number: string }>();

beforeAll(async () => {
  homing = await startInProcess();
  await Promise.all([createAccount(homing, 'acme'), createAccount(homing, 'globex')]);
  await Promise.all([
    pairDevice(homing, PHONE, { account: 'acme' }),
    pairDevice(homing, '+14155550102', { account: 'globex' }),
  ]);
  for (const [account, environment, from] of [
    ['acme', 'live', PHONE],
    ['acme', 'test', PHONE],
    ['globex', 'live', '+14155550102'],
    ['globex', 'test', PHONE],
  ] as const) {
    const client = await createClient(homing, { account, environment });
    const sent = await client.post('/v1/messages/send', {
      to: '+15005550014',
      from,
      content: `${account} ${environment}`,
    });
    expect(sent.status, sent.text).toBe(202);
    const { numbers } = (await client.get('/v1/numbers')).body;
    const { id } = numbers.find((number: { phone_number: string }) => number.phone_number === from);
    tenants.set(`${account} ${environment}`, { client, message: sent.body.id, number: id });
  }
});
afterAll(() => homing?.dispose());

const NAMES = ['acme live', 'acme test', 'globex live', 'globex test'];
const pairs = NAMES.flatMap((mine) => NAMES.filter((name) => name !== mine).map((other) => [mine, other]));

describe.each(NAMES)('the tenant %s', (name) => {
  it('lists only its own messages and their echo', async () => {
    const { client, message } = tenants.get(name)!;
    const expected = name.endsWith('live') ? 1 : 2;
    const messages = await until('the messages of this tenant', async () => {
      const found = (await client.get('/v1/messages')).body.messages;
      return found.length === expected && found;
    });
    expect(messages.at(-1).id).toBe(message);
    for (const { content } of messages) expect(content.replace('echo: ', '')).toBe(name);
  });

  it('lists only its own numbers', async () => {
    const { client, number } = tenants.get(name)!;
    const { numbers } = (await client.get('/v1/numbers')).body;
    expect(numbers.map(({ id }: { id: string }) => id)).toEqual([number]);
  });
});

describe.each(pairs)('a request of %s with ids of %s', (mine, other) => {
  it('returns 404', async () => {
    const { client } = tenants.get(mine!)!;
    const { message, number } = tenants.get(other!)!;
    for (const [method, path, body] of [
      ['GET', `/v1/messages/${message}`],
      ['POST', `/v1/messages/${message}/cancel`],
      ['PUT', `/v1/numbers/${number}`, { label: 'taken over', status: 'paused' }],
      ['DELETE', `/v1/numbers/${number}`],
    ] as const) {
      expectError(await client.request(method, path, { body }), 404, 'not_found');
    }
  });

  it('changes nothing', async () => {
    const { client, message, number } = tenants.get(other!)!;
    expect((await client.get(`/v1/messages/${message}`)).body.error_code).toBeNull();
    const { numbers } = (await client.get('/v1/numbers')).body;
    expect(numbers).toMatchObject([{ id: number, status: 'active' }]);
    expect(numbers[0].label).not.toBe('taken over');
  });

  it('returns no data of the other tenant if an id is the cursor', async () => {
    const { client } = tenants.get(mine!)!;
    const { messages } = (await client.get(`/v1/messages?cursor=${tenants.get(other!)!.message}`)).body;
    for (const { content } of messages) expect(content.replace('echo: ', '')).toBe(mine);
  });
});

describe('the sandbox', () => {
  it('does not change a live number with the same phone number', async () => {
    const { client: live, message } = tenants.get('acme live')!;
    const { client: sandbox, number } = tenants.get('acme test')!;
    await sandbox.put(`/v1/numbers/${number}`, { status: 'paused' });
    const paused = { to: '+15005550010', from: PHONE, content: 'Hi' };
    expectError(await sandbox.post('/v1/messages/send', paused), 400, 'invalid_request', 'from');
    expect((await live.post('/v1/messages/send', paused)).status).toBe(202);
    await sandbox.put(`/v1/numbers/${number}`, { status: 'active' });
    // The live message stays queued for its device. The sandbox does not send it.
    expect((await live.get(`/v1/messages/${message}`)).body.status).toBe('queued');
  });
});
