/** Tests the monthly usage and the spend limit, also with concurrent sends. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { unlimitedPlansFile } from '../../support/plans.ts';
import {
  createToken,
  expectErrorResponse,
  normalizedBody,
  type TextreeClient,
} from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const QUEUED = '+15005550023';

let homing: HomingProcess;
let accounts = 0;

beforeAll(async () => {
  homing = await startHoming({ HOMING_PLANS_FILE: unlimitedPlansFile() });
});
afterAll(() => homing?.dispose());

async function newClient(): Promise<TextreeClient> {
  accounts += 1;
  const account = `billing-${accounts}`;
  await createAccount(homing, account);
  return createToken(homing, { account });
}

const usageOf = async (client: TextreeClient) => (await client.get('/billing/usage')).body;
const thisMonth = () => new Date().toISOString().slice(0, 7);

describe('GET /billing/usage', () => {
  it('returns zeros for a new account', async () => {
    const client = await newClient();
    const response = await client.get('/billing/usage');
    expect(normalizedBody(response)).toBe(
      `{"month":"${thisMonth()}","messages":{"queued":0,"sent":0,"delivered":0,"failed":0},"segments":0,"cost_cents":0,"committed_cents":0,"limit":null}`,
    );
  });

  it('counts messages by status, and segments, without a delay', async () => {
    const client = await newClient();
    for (const to of ['+15005550010', '+15005550011', '+15005550020', QUEUED])
      await client.send({ phone_number: to, body: 'a'.repeat(161) });
    expect((await usageOf(client)).segments).toBe(8);
    await until('the final statuses', async () => {
      const { messages } = await usageOf(client);
      return messages.delivered === 1 && messages.sent === 1 && messages.failed === 1;
    });
    expect((await usageOf(client)).messages).toEqual({ queued: 1, sent: 1, delivered: 1, failed: 1 });
  });

  it('does not count inbound messages', async () => {
    const client = await newClient();
    const hook = { url: 'https://example.com/echo', events: ['message.received'] };
    const { id } = (await client.post('/webhooks', hook)).body.webhook;
    await client.send({ phone_number: '+15005550014' });
    await until(
      'the echo',
      async () => (await client.get(`/webhooks/${id}/deliveries`)).body.deliveries.length > 0,
    );
    expect((await usageOf(client)).messages).toEqual({ queued: 0, sent: 0, delivered: 1, failed: 0 });
  });

  it('returns the usage of another month', async () => {
    const client = await newClient();
    await client.send({ phone_number: QUEUED });
    expect((await client.get(`/billing/usage?month=${thisMonth()}`)).body).toEqual(await usageOf(client));
    expect((await client.get('/billing/usage?month=2020-01')).body).toMatchObject({
      month: '2020-01',
      messages: { queued: 0 },
      segments: 0,
    });
  });
});

describe('the spend limit', () => {
  it('is null by default, and can be set and removed', async () => {
    const client = await newClient();
    expect(normalizedBody(await client.get('/billing/spend-limit'))).toBe('{"cents":null}');
    for (const cents of [500, 0, null]) {
      const response = await client.put('/billing/spend-limit', { cents });
      expect([response.status, response.text]).toEqual([200, JSON.stringify({ cents })]);
      expect((await client.get('/billing/spend-limit')).body).toEqual({ cents });
      expect((await usageOf(client)).limit).toBe(cents);
    }
  });

  it('returns 402 if the estimated costs would exceed it', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 10 });
    await client.send({ phone_number: QUEUED, estimated_cost_cents: 6 });
    const over = { phone_number: QUEUED, body: 'Hi', estimated_cost_cents: 5 };
    expectErrorResponse(await client.post('/messages', over), 402, 'spend_limit_exceeded', {
      fix: /spend-limit/,
    });
    await client.send({ phone_number: QUEUED, estimated_cost_cents: 4 });
    await client.send({ phone_number: QUEUED });
    expect(await usageOf(client)).toMatchObject({
      messages: { queued: 3 },
      committed_cents: 10,
      cost_cents: 0,
      limit: 10,
    });
  });

  it('of 0 allows messages without cost', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 0 });
    await client.send({ phone_number: QUEUED });
    const costly = { phone_number: QUEUED, body: 'Hi', estimated_cost_cents: 1 };
    expectErrorResponse(await client.post('/messages', costly), 402, 'spend_limit_exceeded');
  });

  it('is exact for 60 concurrent sends', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 100 });
    const racing = await Promise.all(
      Array.from({ length: 60 }, () =>
        client.post('/messages', { phone_number: QUEUED, body: 'Hi', estimated_cost_cents: 7 }),
      ),
    );
    const statuses = racing.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(14).fill(202), ...Array(46).fill(402)]);
    expect(await usageOf(client)).toMatchObject({ messages: { queued: 14 }, committed_cents: 98 });
  });

  it('does not count the estimate of a failed message', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 10 });
    await client.send({ phone_number: '+15005550020', estimated_cost_cents: 10 });
    await until('the failure', async () => (await usageOf(client)).committed_cents === 0);
    await client.send({ phone_number: QUEUED, estimated_cost_cents: 10 });
  });

  it('counts one idempotency_key once', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 10 });
    const once = { phone_number: QUEUED, idempotency_key: 'charge-once', estimated_cost_cents: 8 };
    const ids = await Promise.all(Array.from({ length: 10 }, () => client.send(once)));
    expect(new Set(ids).size).toBe(1);
    expect((await usageOf(client)).committed_cents).toBe(8);
  });
});
