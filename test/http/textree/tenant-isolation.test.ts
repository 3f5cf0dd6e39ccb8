/** Tests that accounts, and the live and test environments of one account, are isolated in the Textree API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { createToken, expectErrorResponse, type TextreeClient } from '../../support/textree-client.ts';
import { until } from '../../support/until.ts';

interface Tenant {
  client: TextreeClient;
  message: string;
  contact: string;
  webhook: string;
  event: string;
  delivery: string;
}

let homing: RunningBroker;
const tenants = new Map<string, Tenant>();
const NAMES = ['acme live', 'acme test', 'globex live', 'globex test'];
const RECIPIENT = '+15005550010';

beforeAll(async () => {
  homing = await startInProcess();
  for (const [account, number] of [
    ['acme', '+14155550101'],
    ['globex', '+14155550102'],
  ] as const) {
    await createAccount(homing, account);
    await pairDevice(homing, number, { account: account });
  }
  for (const name of NAMES) {
    const [account, environment] = name.split(' ') as [string, 'live' | 'test'];
    const client = await createToken(homing, { account, environment });
    const hook = { url: 'https://example.com/hook', events: ['conversation.created', 'opt_out.created'] };
    const webhook = (await client.post('/webhooks', hook)).body.webhook.id;
    const message = await client.send({
      phone_number: RECIPIENT,
      body: name,
      idempotency_key: 'the same key',
    });
    const body = { phone_number: '+14155550100', name, opted_out: true };
    const contact = (await client.post('/contacts', body)).body.contact.id;
    const [delivery] = await until('an event', async () => {
      const { deliveries } = (await client.get(`/webhooks/${webhook}/deliveries`)).body;
      return deliveries.length > 0 && deliveries;
    });
    tenants.set(name, { client, message, contact, webhook, event: delivery.event_id, delivery: delivery.id });
  }
});
afterAll(() => homing?.dispose());

const pairs = NAMES.flatMap((mine) => NAMES.filter((name) => name !== mine).map((other) => [mine, other]));

describe.each(pairs)('a request of %s with ids of %s', (mine, other) => {
  it('returns 404', async () => {
    const { client, webhook } = tenants.get(mine!)!;
    const foreign = tenants.get(other!)!;
    for (const [method, path, body] of [
      ['GET', `/messages/${foreign.message}`],
      ['GET', `/contacts/${foreign.contact}`],
      ['PATCH', `/contacts/${foreign.contact}`, { name: 'taken over', opted_out: false }],
      ['DELETE', `/contacts/${foreign.contact}`],
      ['PATCH', `/webhooks/${foreign.webhook}`, { active: false }],
      ['DELETE', `/webhooks/${foreign.webhook}`],
      ['GET', `/webhooks/${foreign.webhook}/deliveries`],
      ['POST', `/webhooks/${foreign.webhook}/replay`, { event_id: foreign.event }],
      ['POST', `/webhooks/${webhook}/replay`, { event_id: foreign.event }],
    ] as const) {
      expectErrorResponse(await client.request(method, path, body), 404, 'not_found');
    }
  });

  it('changes nothing, and returns no data of the other tenant if an id is the cursor', async () => {
    const { client, webhook } = tenants.get(mine!)!;
    const foreign = tenants.get(other!)!;
    const contact = (await foreign.client.get(`/contacts/${foreign.contact}`)).body.contact;
    expect(contact).toMatchObject({ name: other, opted_out: true });
    expect((await foreign.client.get('/webhooks')).body.webhooks).toMatchObject([{ active: true }]);
    const { contacts } = (await client.get(`/contacts?cursor=${foreign.contact}`)).body;
    for (const { name } of contacts) expect(name).toBe(mine);
    const { deliveries } = (await client.get(`/webhooks/${webhook}/deliveries?cursor=${foreign.delivery}`))
      .body;
    for (const { event_id } of deliveries) expect(event_id).not.toBe(foreign.event);
  });
});

describe.each(NAMES)('the tenant %s', (name) => {
  it('reads only its own contacts, webhooks, usage and spend limit', async () => {
    const { client, contact, webhook, message } = tenants.get(name)!;
    const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);
    expect(idsOf((await client.get('/contacts')).body.contacts)).toEqual([contact]);
    expect(idsOf((await client.get('/webhooks')).body.webhooks)).toEqual([webhook]);
    expect((await client.get(`/messages/${message}`)).body.message.id).toBe(message);
    const { messages, limit } = (await client.get('/billing/usage')).body;
    const counts = Object.values<number>(messages);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    expect(limit).toBe(null);
  });

  it('sets only its own spend limit', async () => {
    const { client } = tenants.get(name)!;
    await client.put('/billing/spend-limit', { cents: 0 });
    for (const other of NAMES.filter((one) => one !== name)) {
      expect((await tenants.get(other)!.client.get('/billing/spend-limit')).body).toEqual({ cents: null });
    }
    await client.put('/billing/spend-limit', { cents: null });
  });
});
