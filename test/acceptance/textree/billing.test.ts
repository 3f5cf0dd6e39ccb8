/** What a month comes to, and the limit that no race gets past. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { createAccount } from '../../support/http-client.ts';
import { unlimitedPlansFile } from '../../support/plans.ts';
import { createToken, expectRefusal, shown, type TextreeClient } from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

const HELD = '+15005550023';

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

describe('the usage', () => {
  it('of a new account is nothing', async () => {
    const client = await newClient();
    const answer = await client.get('/billing/usage');
    expect(shown(answer)).toBe(
      `{"month":"${thisMonth()}","messages":{"queued":0,"sent":0,"delivered":0,"failed":0},"segments":0,"cost_cents":0,"committed_cents":0,"limit":null}`,
    );
  });

  it('counts messages by what became of them, and segments, at once', async () => {
    const client = await newClient();
    for (const to of ['+15005550010', '+15005550011', '+15005550020', HELD])
      await client.send({ phone_number: to, body: 'a'.repeat(161) });
    expect((await usageOf(client)).segments).toBe(8);
    await until('the rest to be over', async () => {
      const { messages } = await usageOf(client);
      return messages.delivered === 1 && messages.sent === 1 && messages.failed === 1;
    });
    expect((await usageOf(client)).messages).toEqual({ queued: 1, sent: 1, delivered: 1, failed: 1 });
  });

  it('does not count what came in', async () => {
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

  it('of another month is asked for by its name', async () => {
    const client = await newClient();
    await client.send({ phone_number: HELD });
    expect((await client.get(`/billing/usage?month=${thisMonth()}`)).body).toEqual(await usageOf(client));
    expect((await client.get('/billing/usage?month=2020-01')).body).toMatchObject({
      month: '2020-01',
      messages: { queued: 0 },
      segments: 0,
    });
  });
});

describe('the spend limit', () => {
  it('is null until it is set, and can be taken away', async () => {
    const client = await newClient();
    expect(shown(await client.get('/billing/spend-limit'))).toBe('{"cents":null}');
    for (const cents of [500, 0, null]) {
      const answer = await client.put('/billing/spend-limit', { cents });
      expect([answer.status, answer.text]).toEqual([200, JSON.stringify({ cents })]);
      expect((await client.get('/billing/spend-limit')).body).toEqual({ cents });
      expect((await usageOf(client)).limit).toBe(cents);
    }
  });

  it('is not passed by what senders reckon: 402, and nothing is sent', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 10 });
    await client.send({ phone_number: HELD, estimated_cost_cents: 6 });
    const over = { phone_number: HELD, body: 'Hi', estimated_cost_cents: 5 };
    expectRefusal(await client.post('/messages', over), 402, 'spend_limit_exceeded', {
      fix: /spend-limit/,
    });
    await client.send({ phone_number: HELD, estimated_cost_cents: 4 });
    await client.send({ phone_number: HELD });
    expect(await usageOf(client)).toMatchObject({
      messages: { queued: 3 },
      committed_cents: 10,
      cost_cents: 0,
      limit: 10,
    });
  });

  it('of 0 still lets through what costs nothing', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 0 });
    await client.send({ phone_number: HELD });
    const dear = { phone_number: HELD, body: 'Hi', estimated_cost_cents: 1 };
    expectRefusal(await client.post('/messages', dear), 402, 'spend_limit_exceeded');
  });

  it('holds for 60 sends that race, to the cent', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 100 });
    const racing = await Promise.all(
      Array.from({ length: 60 }, () =>
        client.post('/messages', { phone_number: HELD, body: 'Hi', estimated_cost_cents: 7 }),
      ),
    );
    const statuses = racing.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(14).fill(202), ...Array(46).fill(402)]);
    expect(await usageOf(client)).toMatchObject({ messages: { queued: 14 }, committed_cents: 98 });
  });

  it('is given back what a failed message was reckoned to cost', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 10 });
    await client.send({ phone_number: '+15005550020', estimated_cost_cents: 10 });
    await until('the failure', async () => (await usageOf(client)).committed_cents === 0);
    await client.send({ phone_number: HELD, estimated_cost_cents: 10 });
  });

  it('is not charged twice for one idempotency_key', async () => {
    const client = await newClient();
    await client.put('/billing/spend-limit', { cents: 10 });
    const once = { phone_number: HELD, idempotency_key: 'charge-once', estimated_cost_cents: 8 };
    const ids = await Promise.all(Array.from({ length: 10 }, () => client.send(once)));
    expect(new Set(ids).size).toBe(1);
    expect((await usageOf(client)).committed_cents).toBe(8);
  });
});
