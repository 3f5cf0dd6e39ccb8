/** Tests that accounts, and the live and test environments of one account, are isolated in the TextUs API. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FileServer, startFileServer } from '../../support/file-server.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { createAccount, pairDevice } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { createTextusClient, expectErrorResponse, type TextusClient } from '../../support/textus-client.ts';

const TO = '+15005550010';
const NAMES = ['acme live', 'acme test', 'globex live', 'globex test'];

interface Tenant {
  client: TextusClient;
  account: string;
  /** IRIs of one resource of each kind. */
  own: Record<
    'message' | 'conversation' | 'attachment' | 'user' | 'contact' | 'reply' | 'integration',
    string
  >;
}

let homing: RunningBroker;
let files: FileServer;
const tenants = new Map<string, Tenant>();

beforeAll(async () => {
  homing = await startInProcess({ HOMING_ALLOW_PRIVATE_URLS: '1' });
  files = await startFileServer((_request, response) => response.end('%PDF-1.4\n'));
  await Promise.all([createAccount(homing, 'acme'), createAccount(homing, 'globex')]);
  await pairDevice(homing, '+14155550101', { account: 'acme' });
  await pairDevice(homing, '+14155550102', { account: 'globex' });
  for (const name of NAMES) {
    const [account, environment] = name.split(' ') as [string, 'live' | 'test'];
    const client = await createTextusClient(homing, { account, environment });
    const attachments = [{ media_url: `${files.url}/a.pdf`, content_type: 'application/pdf' }];
    const sent = (await client.post('/messages', { to: TO, body: name, attachments })).body;
    const contact = await client.post(`/${account}/contacts`, { phone: TO, name });
    const reply = await client.post(`${sent.sender}/saved_replies`, { title: name, body: name });
    const config = { baseUrl: 'https://example.com/hook' };
    const integration = await client.post(`/${account}/integrations`, { provider: 'webhook', config });
    const own = {
      message: sent.id,
      conversation: sent.conversation,
      attachment: sent.attachments.members[0].id,
      user: sent.sender,
      contact: contact.body.id,
      reply: reply.body.id,
      integration: integration.body.id,
    };
    tenants.set(name, { client, account, own });
  }
});
afterAll(async () => {
  files?.close();
  await homing?.dispose();
});

const pairs = NAMES.flatMap((mine) => NAMES.filter((name) => name !== mine).map((other) => [mine, other]));

describe.each(NAMES)('the tenant %s', (name) => {
  it('reads all its resources', async () => {
    const { client, own } = tenants.get(name)!;
    for (const path of Object.values(own)) {
      const response = await client.get(path);
      expect([path, response.status]).toEqual([path, 200]);
    }
  });

  it('lists only its own resources', async () => {
    const { client, account, own } = tenants.get(name)!;
    const idsAt = async (path: string) =>
      (await client.get(path)).body.members.map(({ id }: { id: string }) => id);
    expect(await idsAt(`/${account}/conversations`)).toEqual([own.conversation]);
    expect(await idsAt(`${own.conversation}/messages`)).toEqual([own.message]);
    expect(await idsAt(`/${account}/contacts`)).toEqual([own.contact]);
    expect(await idsAt(`/${account}/users`)).toEqual([own.user]);
    expect(await idsAt(`${own.user}/saved_replies`)).toEqual([own.reply]);
    expect(await idsAt(`/${account}/integrations`)).toEqual([own.integration]);
    expect(await idsAt('/accounts')).toEqual([`/accounts/${account}`]);
  });
});

describe.each(pairs)('a request of %s with IRIs of %s', (mine, other) => {
  it('returns 404', async () => {
    const { client } = tenants.get(mine!)!;
    const { own } = tenants.get(other!)!;
    const paths = [
      ...Object.values(own),
      `${own.message}/attachments`,
      `${own.conversation}/messages`,
      `${own.user}/saved_replies`,
    ];
    for (const path of paths) expectErrorResponse(await client.get(path), 404);
    expectErrorResponse(await client.patch(own.user, { name: 'taken over' }), 404);
    expectErrorResponse(await client.patch(own.contact, { name: 'taken over' }), 404);
    expectErrorResponse(await client.patch(own.integration, {}), 404);
    expectErrorResponse(await client.delete(own.integration), 404);
    expectErrorResponse(await client.post(`${own.user}/saved_replies`, { title: 'x', body: 'x' }), 404);
    expectErrorResponse(
      await client.post('/messages', { to: TO, saved_reply: own.reply }),
      422,
      'saved_reply',
    );
  });

  it('returns no data of the other tenant if an id is the cursor', async () => {
    const { client, account, own } = tenants.get(mine!)!;
    const { own: foreign } = tenants.get(other!)!;
    for (const [path, id, allowed] of [
      [`/${account}/conversations`, foreign.message, own.conversation],
      [`/${account}/contacts`, foreign.contact, own.contact],
      [`/${account}/integrations`, foreign.integration, own.integration],
    ] as const) {
      const { members } = (await client.get(`${path}?cursor=${id.split('/')[2]}`)).body;
      for (const member of members) expect(member.id).toBe(allowed);
    }
  });

  it('changes nothing', async () => {
    const { client, own } = tenants.get(other!)!;
    expect((await client.get(own.contact)).body.name).toBe(other);
    expect((await client.get(own.user)).body.name).not.toBe('taken over');
  });
});

describe('the path of another account', () => {
  it.each([
    ['GET', 'conversations'],
    ['GET', 'contacts'],
    ['GET', 'users'],
    ['GET', 'whatsapp_templates'],
    ['GET', 'integrations'],
    ['POST', 'messages'],
    ['POST', 'contacts'],
    ['POST', 'integrations'],
  ])('returns 404: %s /:account/%s', async (method, kind) => {
    const { client } = tenants.get('acme test')!;
    for (const account of ['globex', 'default', 'nobody']) {
      const path = `/${account}/${kind}`;
      expectErrorResponse(method === 'GET' ? await client.get(path) : await client.post(path, {}), 404);
    }
  });
});
