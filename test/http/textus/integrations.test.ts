/** Integrations: webhooks as TextUs has them, with actions that are switched on and off. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, switchesOf } from '../../../broker/apis/textus/integration-actions.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  createTextusClient,
  expectRefusal,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';

let homing: RunningBroker;
let client: TextusClient;
let made = 0;

beforeAll(async () => {
  homing = await startInProcess();
  client = textusClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const newUrl = () => {
  made += 1;
  return `https://example.com/hook/${made}`;
};
const create = (change: Record<string, unknown> = {}) =>
  client.post('/default/integrations', { provider: 'webhook', config: { baseUrl: newUrl() }, ...change });

describe('an integration', () => {
  it('is shown whole with its secret, its keys in order, every action on', async () => {
    const answer = await create({ config: { baseUrl: 'https://example.com/hook' } });
    expect(answer.status, answer.text).toBe(201);
    expect(normalized(answer.body)).toMatchInlineSnapshot(`
      "{
        "@type": "Integration",
        "@context": "/contexts/Integration.jsonld",
        "id": "/integrations/<id>",
        "provider": "webhook",
        "config": {
          "baseUrl": "https://example.com/hook",
          "webhookSecret": "<secret>"
        },
        "settings": {
          "actions": {
            "message.received": true,
            "message.delivered": true,
            "message.failed": true,
            "contact.opted_out": true,
            "contact.opted_in": true
          }
        },
        "createdAt": "<time>",
        "updatedAt": "<time>"
      }"
    `);
    expect(answer.body.config.webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect((await client.get(answer.body.id)).body).toEqual(answer.body);
    expect((await client.get('/default/integrations')).body.members).toContainEqual(answer.body);
  });

  it('has the actions on that were not switched off', async () => {
    const actions = { 'message.delivered': false, 'contact.opted_in': false, 'message.failed': true };
    const { body } = await create({ settings: { actions } });
    expect(body.settings.actions).toEqual({
      'message.received': true,
      'message.delivered': false,
      'message.failed': true,
      'contact.opted_out': true,
      'contact.opted_in': false,
    });
  });

  it('changes in what is named only', async () => {
    const { body } = await create({ settings: { actions: { 'message.failed': false } } });
    const baseUrl = newUrl();
    const moved = (await client.patch(body.id, { config: { baseUrl } })).body;
    expect(moved.config).toEqual({ baseUrl, webhookSecret: body.config.webhookSecret });
    expect(moved.settings).toEqual(body.settings);
    const actions = { 'message.failed': true, 'message.received': false };
    const switched = (await client.patch(body.id, { settings: { actions } })).body;
    expect(switched.settings.actions).toEqual({ ...body.settings.actions, ...actions });
    expect(switched.config.baseUrl).toBe(baseUrl);
  });

  it('may have every action switched off, and on again', async () => {
    const { body } = await create();
    const names = Object.keys(body.settings.actions);
    const all = (isOn: boolean) => Object.fromEntries(names.map((name) => [name, isOn]));
    for (const isOn of [false, true]) {
      const { settings } = (await client.patch(body.id, { settings: { actions: all(isOn) } })).body;
      expect(settings.actions).toEqual(all(isOn));
    }
  });

  it('is removed', async () => {
    const { body } = await create();
    const answer = await client.delete(body.id);
    expect([answer.status, answer.text]).toEqual([204, '']);
    expectRefusal(await client.get(body.id), 404);
    expectRefusal(await client.delete(body.id), 404);
    expectRefusal(await client.patch(body.id, {}), 404);
  });

  it('is one for each address', async () => {
    const { body } = await create();
    expectRefusal(await create({ config: { baseUrl: body.config.baseUrl } }), 409);
  });

  it.each([
    ['another provider', { provider: 'salesforce' }, ['provider']],
    ['no provider', { provider: undefined }, ['provider']],
    ['no config', { config: undefined }, ['config']],
    ['no address', { config: {} }, ['config.baseUrl']],
    ['an address that is none', { config: { baseUrl: 'example.com' } }, ['config.baseUrl']],
    ['an address that is not https', { config: { baseUrl: 'http://example.com' } }, ['config.baseUrl']],
    ['an address of this network', { config: { baseUrl: 'https://127.0.0.1/x' } }, ['config.baseUrl']],
    ['an address with a password', { config: { baseUrl: 'https://a:b@example.com' } }, ['config.baseUrl']],
    [
      'an address with half a character',
      { config: { baseUrl: 'https://example.com/\ud83d' } },
      ['config.baseUrl'],
    ],
    ['settings that are none', { settings: [] }, ['settings']],
    ['actions that are none', { settings: { actions: 'all' } }, ['settings.actions']],
    [
      'an action that there is not',
      { settings: { actions: { 'message.sent': true } } },
      ['settings.actions'],
    ],
    [
      'an action that is neither on nor off',
      { settings: { actions: { 'message.failed': 'no' } } },
      ['settings.actions.message.failed'],
    ],
  ])('with %s is refused', async (_what, change, fields) => {
    expectRefusal(await create(change), 422, ...fields);
  });

  it('needs a token that may manage webhooks', async () => {
    const { body } = await create();
    const other = await createTextusClient(homing, { permissions: 'messages:send,messages:read' });
    expectRefusal(await other.post('/default/integrations', {}), 403);
    expectRefusal(await other.get('/default/integrations'), 403);
    expectRefusal(await other.get(body.id), 403);
    expectRefusal(await other.patch(body.id, {}), 403);
    expectRefusal(await other.delete(body.id), 403);
  });
});

describe('the actions', () => {
  it('are events of Homing’s', () => {
    const events = [
      'message.received',
      'message.delivered',
      'message.failed',
      'opt_out.created',
      'opt_in.created',
    ] as const;
    const switches = switchesOf(events);
    expect(Object.values(switches)).toEqual([true, true, true, true, true]);
    expect(eventsOf(switches)).toEqual(events);
    expect(eventsOf({ ...switches, 'contact.opted_out': false })).not.toContain('opt_out.created');
    expect(switchesOf(['message.sent'])['message.received']).toBe(false);
  });
});
