/** Tests every operation of the dashboard with the ids of another account. */
import fc from 'fast-check';
import pLimit from 'p-limit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeApis } from '../../../broker/compose/describe-apis.ts';
import type { Operation } from '../../../broker/http/operation.ts';
import { callerOf, idsIn } from '../../support/all-apis.ts';
import { type DashboardClient, signIn } from '../../support/dashboard.ts';
import { furnish } from '../../support/furnished-account.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, createClient, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { valuesFor } from '../../support/schema-arbitrary.ts';
import { until } from '../../support/until.ts';

const BASE = '/dashboard/api';
const MARK = 'only-of-beta';
/** Generated bodies of each operation. */
const BODIES = 50;
const ID = /^(?:[a-z]+_)?[0-7][0-9a-z]{25}$|^[0-9a-f-]{36}$/;
const BETA_NUMBER = '+14155550142';

let broker: RunningBroker;
let operations: ReadonlyArray<Operation<never>>;
let alpha: DashboardClient;
let beta: DashboardClient;
/** The ids of beta's resources. */
let foreign: string[];

/** Lists that show the resources of an account and do not change without a request. */
const LISTS = [
  ...['/live/numbers', '/test/keys', '/test/webhooks', '/test/contacts', '/test/opt-outs'],
  ...['/test/conversations', '/test/messages?status=queued', '/members', '/test/saved-replies'],
];

async function resourcesOf(client: DashboardClient): Promise<unknown[]> {
  const seen = [];
  for (const path of LISTS) seen.push((await client.get(path)).body);
  return seen;
}

beforeAll(async () => {
  broker = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  operations = (await describeApis()).find(({ name }) => name === 'admin')!.operations;
  await createAccount(broker, 'beta');
  alpha = await signIn(broker);
  beta = await signIn(broker, { account: 'beta', name: MARK });
  const { key } = await createClient(broker, { account: 'beta' });
  const furnished = await furnish({ call: callerOf(broker.url) }, key, MARK, 'beta');
  await pairDevice(broker, BETA_NUMBER, { account: 'beta', name: MARK });
  const { webhooks } = (await beta.get('/test/webhooks')).body;
  const deliveries = await until('a delivery', async () => {
    const { body } = await beta.get(`/test/webhooks/${webhooks[0].id}/deliveries`);
    return body.deliveries.length > 0 ? body.deliveries : undefined;
  });
  const listed = await resourcesOf(beta);
  const all = [...furnished, ...idsIn(listed), ...idsIn(deliveries), beta.memberId, beta.sessionId];
  // The last part of some paths is a name.
  foreign = [...new Set(all)].filter((id) => ID.test(id));
});
afterAll(() => broker?.dispose());

it('the ids of the other account are of every kind', () => {
  const kinds = new Set(foreign.map((id) => id.split('_')[0]));
  for (const kind of ['num', 'dev', 'key', 'wh', 'dlv', 'con', 'conv', 'msg', 'mem']) {
    expect(kinds, kind).toContain(kind);
  }
});

it('an operation with an id of another account returns nothing of it and changes nothing', async () => {
  const before = await resourcesOf(beta);
  let requests = 0;
  for (const { id, method, path, body } of operations) {
    const names = path.slice(BASE.length).replace(':environment', 'test').match(/:\w+/g) ?? [];
    if (names.length === 0) continue;
    const bodies = body === undefined ? [] : fc.sample(valuesFor(body), BODIES);
    for (const environment of path.includes(':environment') ? ['live', 'test'] : ['']) {
      await pLimit(8).map([...foreign, BETA_NUMBER], async (one, index) => {
        const filled = path
          .slice(BASE.length)
          .replace(':environment', environment)
          .replaceAll(/:\w+/g, encodeURIComponent(one));
        const options = bodies.length === 0 ? {} : { body: bodies[index % bodies.length] };
        const response = await alpha.request(method, filled, options);
        const detail = `${id}: ${method} ${filled} → ${response.status} ${response.text.slice(0, 300)}`;
        expect(response.status, detail).toBeGreaterThanOrEqual(400);
        expect(response.status, detail).toBeLessThan(500);
        expect(response.text, detail).not.toContain(MARK);
        requests += 1;
      });
    }
  }
  expect(requests).toBeGreaterThan(500);
  expect(await resourcesOf(beta)).toEqual(before);
}, 300_000);

it('a list of one account shows nothing of another', async () => {
  const lists = operations.filter(({ method, path }) => method === 'GET' && !/:(?!environment)/.test(path));
  expect(lists.length).toBeGreaterThan(20);
  for (const { id, path } of lists) {
    // The streams do not end; events.test.ts checks them.
    if (/\/(?:events|event-stream)$/.test(path)) continue;
    const filled = path.slice(BASE.length).replace(':environment', 'test');
    const { text } = await alpha.get(filled);
    expect(text.includes(MARK), id).toBe(false);
    for (const other of foreign) expect(text.includes(other), `${id}: ${other}`).toBe(false);
  }
});
