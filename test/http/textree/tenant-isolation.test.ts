/** By the Textree API too, nothing crosses between accounts, nor between an account's live side and its sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { createToken, expectRefusal, type TextreeClient } from '../../support/textree-client.ts';
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
const PERSON = '+15005550010';

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
    const message = await client.send({ phone_number: PERSON, body: name, idempotency_key: 'the same key' });
    const card = { phone_number: '+14155550100', name, opted_out: true };
    const contact = (await client.post('/contacts', card)).body.contact.id;
    const [delivery] = await until('an event', async () => {
      const { deliveries } = (await client.get(`/webhooks/${webhook}/deliveries`)).body;
      return deliveries.length > 0 && deliveries;
    });
    tenants.set(name, { client, message, contact, webhook, event: delivery.event_id, delivery: delivery.id });
  }
});
afterAll(() => homing?.dispose());

const pairs = NAMES.flatMap((mine) => NAMES.filter((name) => name !== mine).map((other) => [mine, other]));

describe.each(pairs)('to %s the ids of %s', (mine, other) => {
  it('are not found', async () => {
    const { client, webhook } = tenants.get(mine!)!;
    const theirs = tenants.get(other!)!;
    for (const [method, path, body] of [
      ['GET', `/messages/${theirs.message}`],
      ['GET', `/contacts/${theirs.contact}`],
      ['PATCH', `/contacts/${theirs.contact}`, { name: 'taken over', opted_out: false }],
      ['DELETE', `/contacts/${theirs.contact}`],
      ['PATCH', `/webhooks/${theirs.webhook}`, { active: false }],
      ['DELETE', `/webhooks/${theirs.webhook}`],
      ['GET', `/webhooks/${theirs.webhook}/deliveries`],
      ['POST', `/webhooks/${theirs.webhook}/replay`, { event_id: theirs.event }],
      ['POST', `/webhooks/${webhook}/replay`, { event_id: theirs.event }],
    ] as const) {
      expectRefusal(await client.request(method, path, body), 404, 'not_found');
    }
  });

  it('are left as they were, and as cursors show nothing', async () => {
    const { client, webhook } = tenants.get(mine!)!;
    const theirs = tenants.get(other!)!;
    const kept = (await theirs.client.get(`/contacts/${theirs.contact}`)).body.contact;
    expect(kept).toMatchObject({ name: other, opted_out: true });
    expect((await theirs.client.get('/webhooks')).body.webhooks).toMatchObject([{ active: true }]);
    const { contacts } = (await client.get(`/contacts?cursor=${theirs.contact}`)).body;
    for (const { name } of contacts) expect(name).toBe(mine);
    const { deliveries } = (await client.get(`/webhooks/${webhook}/deliveries?cursor=${theirs.delivery}`))
      .body;
    for (const { event_id } of deliveries) expect(event_id).not.toBe(theirs.event);
  });
});

describe.each(NAMES)('%s', (name) => {
  it('has its own contacts, webhooks, usage and limit only', async () => {
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

  it('keeps its own limit', async () => {
    const { client } = tenants.get(name)!;
    await client.put('/billing/spend-limit', { cents: 0 });
    for (const other of NAMES.filter((one) => one !== name)) {
      expect((await tenants.get(other)!.client.get('/billing/spend-limit')).body).toEqual({ cents: null });
    }
    await client.put('/billing/spend-limit', { cents: null });
  });
});
