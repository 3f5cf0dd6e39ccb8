/** Tests integrations of the TextUs API: webhooks with actions that can be enabled and disabled. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventsOf, switchesOf } from '../../../broker/apis/textus/integration-actions.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  createTextusClient,
  expectErrorResponse,
  normalized,
  type TextusClient,
  textusClient,
} from '../../support/textus-client.ts';

let homing: RunningBroker;
let client: TextusClient;
let urls = 0;

beforeAll(async () => {
  homing = await startInProcess();
  client = textusClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

const newUrl = () => {
  urls += 1;
  return `https://example.com/hook/${urls}`;
};
const create = (change: Record<string, unknown> = {}) =>
  client.post('/default/integrations', { provider: 'webhook', config: { baseUrl: newUrl() }, ...change });

describe('an integration', () => {
  it('is returned with its secret, all keys in order and all actions enabled', async () => {
    const response = await create({ config: { baseUrl: 'https://example.com/hook' } });
    expect(response.status, response.text).toBe(201);
    expect(normalized(response.body)).toMatchInlineSnapshot(`
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
    expect(response.body.config.webhookSecret).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    expect((await client.get(response.body.id)).body).toEqual(response.body);
    expect((await client.get('/default/integrations')).body.members).toContainEqual(response.body);
  });

  it('is created with all actions except the disabled ones', async () => {
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

  it('keeps omitted fields unchanged in an update', async () => {
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

  it('can have all actions disabled and enabled', async () => {
    const { body } = await create();
    const names = Object.keys(body.settings.actions);
    const all = (isOn: boolean) => Object.fromEntries(names.map((name) => [name, isOn]));
    for (const isOn of [false, true]) {
      const { settings } = (await client.patch(body.id, { settings: { actions: all(isOn) } })).body;
      expect(settings.actions).toEqual(all(isOn));
    }
  });

  it('returns 404 after its deletion', async () => {
    const { body } = await create();
    const response = await client.delete(body.id);
    expect([response.status, response.text]).toEqual([204, '']);
    expectErrorResponse(await client.get(body.id), 404);
    expectErrorResponse(await client.delete(body.id), 404);
    expectErrorResponse(await client.patch(body.id, {}), 404);
  });

  it('is unique by its URL: a second one returns 409', async () => {
    const { body } = await create();
    expectErrorResponse(await create({ config: { baseUrl: body.config.baseUrl } }), 409);
  });

  it.each([
    ['another provider', { provider: 'salesforce' }, ['provider']],
    ['no provider', { provider: undefined }, ['provider']],
    ['no config', { config: undefined }, ['config']],
    ['no URL', { config: {} }, ['config.baseUrl']],
    ['an invalid URL', { config: { baseUrl: 'example.com' } }, ['config.baseUrl']],
    ['a URL without https', { config: { baseUrl: 'http://example.com' } }, ['config.baseUrl']],
    ['a private URL', { config: { baseUrl: 'https://127.0.0.1/x' } }, ['config.baseUrl']],
    ['a URL with a password', { config: { baseUrl: 'https://a:b@example.com' } }, ['config.baseUrl']],
    [
      'a URL with an unpaired surrogate',
      { config: { baseUrl: 'https://example.com/\ud83d' } },
      ['config.baseUrl'],
    ],
    ['settings that are not an object', { settings: [] }, ['settings']],
    ['actions that are not an object', { settings: { actions: 'all' } }, ['settings.actions']],
    ['an unknown action', { settings: { actions: { 'message.sent': true } } }, ['settings.actions']],
    [
      'an action that is not a boolean',
      { settings: { actions: { 'message.failed': 'no' } } },
      ['settings.actions.message.failed'],
    ],
  ])('with %s returns 422', async (_case, change, fields) => {
    expectErrorResponse(await create(change), 422, ...fields);
  });

  it('needs the permission webhooks:manage', async () => {
    const { body } = await create();
    const other = await createTextusClient(homing, { permissions: 'messages:send,messages:read' });
    expectErrorResponse(await other.post('/default/integrations', {}), 403);
    expectErrorResponse(await other.get('/default/integrations'), 403);
    expectErrorResponse(await other.get(body.id), 403);
    expectErrorResponse(await other.patch(body.id, {}), 403);
    expectErrorResponse(await other.delete(body.id), 403);
  });
});

describe('an action', () => {
  it('maps to an event type', () => {
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
