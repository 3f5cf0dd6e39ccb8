/** Tests that no list of any API contains a message of a blocked sender, or an action, without a request for it. */
import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeApis } from '../../broker/compose/describe-apis.ts';
import { findTenant } from '../../broker/core/accounts/accounts.ts';
import { recordInbound } from '../../broker/core/messages/receive-message.ts';
import type { Message } from '../../broker/core/model/message.ts';
import type { Operation } from '../../broker/http/operation.ts';
import { formatUuid } from '../../shared/ids.ts';
import { callerOf, idsIn } from '../support/all-apis.ts';
import { type DashboardClient, signIn } from '../support/dashboard.ts';
import { fillPath } from '../support/furnished-account.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { besideBroker } from '../support/http-client.ts';
import { startInProcess } from '../support/in-process-broker.ts';
import { queuedMessage } from '../support/message.ts';

const OWN = '+15005550006';
const SPAMMER = '+15005550010';
const FRIEND = '+15005550012';
const CHAT = 'iMessage;+;chat1';
const TEXT = 'blocked unasked';
const APIS = /^(texting-blue|textree|inkbox|textus|mcp|admin)/;
/** Values of query parameters that select the messages of the blocked sender. */
const VALUES: Readonly<Record<string, string>> = {
  ...{ search: TEXT, q: TEXT, text: TEXT, from: SPAMMER, to: OWN, recipient: SPAMMER, handle: SPAMMER },
  ...{ direction: 'inbound', status: 'received', is_read: 'true', once: 'true', limit: '50' },
};
/** Returns everything about one recipient, on request. */
const ASKED = new Set(['exportRecipient']);

let broker: RunningBroker;
let dashboard: DashboardClient;
let operations: Array<Operation<never> & { api: string }>;
let hidden: string[];
let known: string[] = [];

beforeAll(async () => {
  broker = await startInProcess();
  dashboard = await signIn(broker);
  const apis = (await describeApis()).filter(({ name }) => APIS.test(name));
  operations = apis.flatMap(({ name, operations: all }) => all.map((one) => ({ ...one, api: name })));
  const call = callerOf(broker.url);
  const key = broker.testKey;
  for (const to of [SPAMMER, FRIEND]) {
    await call(key, 'POST', '/v1/messages/send', { to, from: OWN, content: 'Hello' });
  }
  const messages = await besideBroker(broker, async (store, { ids, now }) => {
    const tenant = await findTenant(store.read, 'default', 'test');
    const number = (await store.read.numbers.findByPhone(tenant.id, OWN))!;
    const device = { id: ids(), tenantId: tenant.id, numbers: [number] };
    const item = (from: string, text: string, chat?: string) => ({
      ...{ guid: ids(), from, to: OWN, service: 'iMessage', text, media: [], from_me: false },
      ...{ sent_at: new Date(now()).toISOString(), ...(chat === undefined ? {} : { chat }) },
    });
    const options = { now: now(), ids, lateMs: 86_400_000 };
    const receive = (items: ReturnType<typeof item>[]) =>
      store.transaction((tx) => recordInbound(tx, device, items, options));
    await receive([item(SPAMMER, 'Before'), item(FRIEND, 'In the group', CHAT)]);
    // With the store that receives: on PostgreSQL, another process learns the change by a notification.
    const rule = { id: ids(), tenantId: tenant.id, handle: SPAMMER, action: 'block' } as const;
    await store.transaction((tx) => tx.senderRules.insert({ ...rule, createdAt: now(), updatedAt: now() }));
    const blocked = await receive([item(SPAMMER, TEXT), item(SPAMMER, TEXT, CHAT)]);
    const action: Message = queuedMessage({
      ...{ id: ids(), tenantId: tenant.id, numberId: number.id, ownNumber: OWN, handle: FRIEND },
      ...{ status: 'sent', content: TEXT, createdAt: now(), expiresAt: now() + 1e8, deletedAt: now() },
      action: { kind: 'react', messageId: blocked[0]!.id, part: 0, value: 'love' },
    });
    await store.transaction((tx) =>
      tx.messages.insert(action, { at: now(), kind: 'accepted', status: 'sent', detail: null }),
    );
    return [...blocked, action];
  });
  hidden = messages.flatMap(({ id }) => [id, formatUuid(id)]);
  expect(hidden).toHaveLength(6);
});
afterAll(() => broker?.dispose());

async function get(api: string, path: string): Promise<string> {
  if (api === 'admin') return (await dashboard.get(path.slice('/dashboard/api'.length))).text;
  return (await callerOf(broker.url)(broker.testKey, 'GET', path)).text;
}

function expectNothingHidden(text: string, detail: string): void {
  for (const one of [TEXT, ...hidden]) {
    expect(text.includes(one), `${detail} returned ${one}: ${text.slice(0, 500)}`).toBe(false);
  }
}

/** A stream does not end. The events that it delivers are tested with the core. */
const isStream = ({ responses }: Operation<never>) => responses[200]?.contentType === 'text/event-stream';
const reads = () => operations.filter((one) => one.method === 'GET' && !ASKED.has(one.id) && !isStream(one));
const queriesOf = ({ query }: Operation<never>): string[] => {
  const names = query instanceof z.ZodObject ? Object.keys(query.shape) : [];
  return names.flatMap((name) => (name in VALUES ? [`?${name}=${encodeURIComponent(VALUES[name]!)}`] : []));
};

describe('a message of a blocked sender and an action', () => {
  it('are returned by no list and no search of any API', async () => {
    const seen: string[] = [];
    for (const operation of reads()) {
      for (const path of fillPath(operation.path, { account: ['default'], environment: ['test'], id: [] })) {
        for (const query of ['', ...queriesOf(operation)]) {
          // The text of the query may be repeated in the response, for example by an error.
          const text = (await get(operation.api, path + query)).replaceAll(JSON.stringify(TEXT), '');
          expectNothingHidden(text, `${operation.id} GET ${path}${query}`);
          if (text.startsWith('{') || text.startsWith('[')) seen.push(...idsIn(JSON.parse(text)));
        }
      }
    }
    known = [...new Set(seen)].filter((id) => !hidden.some((one) => id.endsWith(one)));
    expect(known.length).toBeGreaterThan(8);
  }, 300_000);

  it('are returned by no list of one number, conversation or contact', async () => {
    const values = {
      ...{ account: ['default'], environment: ['test'], remote_number: [SPAMMER, FRIEND], id: known },
      ...{ recipient: [SPAMMER], handle: [SPAMMER] },
    };
    const parametric = reads().filter(({ path }) => /:(?!account|environment)\w+/.test(path));
    let found = 0;
    const atMost = pLimit(8);
    for (const operation of parametric) {
      const paths = [...fillPath(operation.path, values)];
      const texts = await Promise.all(paths.map((path) => atMost(() => get(operation.api, path))));
      for (const [index, text] of texts.entries()) {
        expectNothingHidden(text, `${operation.id} GET ${paths[index]}`);
        if (text.includes('Hello') || text.includes('Before')) found += 1;
      }
    }
    expect(found).toBeGreaterThan(3);
  }, 300_000);

  it('are returned by no tool', async () => {
    const call = callerOf(broker.url);
    for (const [name, params] of [
      ['conversations.list', {}],
      ['conversations.read', { phone_number: SPAMMER }],
      ['conversations.get', { phone_number: SPAMMER }],
    ] as const) {
      const { status, text } = await call(broker.testKey, 'POST', `/mcp/tools/${name}`, { params });
      expect(status, text).toBe(200);
      expectNothingHidden(text, name);
    }
  });

  it('are returned on request: the blocked messages by is_blocked', async () => {
    const { body } = await callerOf(broker.url)(broker.testKey, 'GET', '/v1/messages?is_blocked=true');
    expect(body.messages.map(({ content }: { content: string }) => content)).toEqual([TEXT, TEXT]);
  });
});
