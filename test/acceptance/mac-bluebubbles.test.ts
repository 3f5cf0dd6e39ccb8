/** Tests the relay agent with a BlueBubbles server that writes to the chat.db of the Mac. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type BlueBubblesOptions, startBlueBubbles } from '../support/fake-mac/bluebubbles.ts';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const BEN = 'ben@example.com';
const EVE = '+14155550199';
const PRIVATE_API = { privateApi: true, helperConnected: true, macos: '15.6' };

describe('the Mac relay agent with BlueBubbles', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  const cleanUps: (() => unknown)[] = [];
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());
  afterEach(async () => {
    await mac.end('SIGKILL');
    for (const cleanUp of cleanUps.splice(0)) await cleanUp();
    await mac.dispose();
  });

  async function connected(switches: BlueBubblesOptions, crashAt?: string) {
    const paired = await pairMac(homing);
    mac = paired.mac;
    const database = new Database(join(mac.folder, 'chat.db'), { timeout: 10_000 });
    const server = await startBlueBubbles('secret', { ...switches, database });
    cleanUps.push(server.close, () => database.close());
    const env = {
      HOMING_RELAY_SENDER: 'bluebubbles',
      HOMING_RELAY_BLUEBUBBLES_URL: server.url,
      HOMING_RELAY_BLUEBUBBLES_PASSWORD: 'secret',
    };
    mac.start({ env, ...(crashAt === undefined ? {} : { crashAt }) });
    await paired.connected();
    const { client } = paired;
    const request = async (method: string, path: string, body?: unknown) => {
      const response = await client.request(method, path, body === undefined ? {} : { body });
      expect(response.status, JSON.stringify(response.body)).toBe(202);
      return response.body;
    };
    return {
      ...paired,
      server,
      request,
      restart: () => mac.start({ env, confirmSeconds: 3 }),
      /** Requests an action, and waits until it is carried out. */
      async act(method: string, path: string, body?: unknown) {
        const { action_id, id } = await request(method, path, body);
        const action = action_id ?? id;
        await until(
          `${method} ${path} to be carried out`,
          async () => (await client.get(`/v1/actions/${action}`)).body.status === 'sent',
        );
      },
      /** Requests that send or change something, without lookups. */
      actions: () => server.requests.filter(({ endpoint }) => !endpoint.startsWith('GET ')),
    };
  }

  it('a message with an effect and a subject, its reaction, edit and unsend go through the Private API', async () => {
    const { send, reaches, act, actions, message } = await connected(PRIVATE_API);
    const id = await send('See you on Fryday', RECIPIENT, { effect: 'slam', subject: 'Plans' });
    await reaches(id, 'delivered');
    await act('POST', `/v1/messages/${id}/reactions`, { reaction: 'love' });
    await act('PATCH', `/v1/messages/${id}`, { content: 'See you on Friday' });
    const reply = await send('At eight', RECIPIENT, { reply_to: id });
    await reaches(reply, 'delivered');
    await act('POST', `/v1/messages/${id}/unsend`);
    const [guid] = actions()
      .map(({ body }) => body.selectedMessageGuid)
      .filter(Boolean);
    expect(actions()).toMatchObject([
      {
        endpoint: 'POST chat/new',
        body: {
          addresses: [RECIPIENT],
          message: 'See you on Fryday',
          subject: 'Plans',
          method: 'private-api',
        },
      },
      { endpoint: 'POST message/react', body: { reaction: 'love', selectedMessageGuid: guid, partIndex: 0 } },
      { endpoint: `POST message/${guid}/edit`, body: { editedMessage: 'See you on Friday' } },
      {
        endpoint: 'POST message/text',
        body: { message: 'At eight', selectedMessageGuid: guid, partIndex: 0 },
      },
      { endpoint: `POST message/${guid}/unsend`, body: { partIndex: 0 } },
    ]);
    expect(await message(id)).toMatchObject({ edits: expect.any(Array), unsent_at: expect.any(String) });
  });

  it('a new group gets its first text, its name and its changes through the Private API', async () => {
    const { client, number, reaches, act, server } = await connected(PRIVATE_API);
    const { body: group } = await client.post('/v1/conversations', {
      phone_number: number,
      name: 'Friday',
      participants: [RECIPIENT, BEN],
    });
    const { status, body } = await client.post('/v1/messages/send', {
      conversation_id: group.id,
      content: 'Welcome',
    });
    expect(status, JSON.stringify(body)).toBe(202);
    await reaches(body.id, 'delivered');
    const [chat] = [...server.messages.chats.keys()];
    await until('the name', () => server.messages.chats.get(`${chat}`)?.name === 'Friday');
    await act('PATCH', `/v1/conversations/${group.id}`, { name: 'Saturday' });
    await act('POST', `/v1/conversations/${group.id}/participants`, { handle: EVE });
    await act('DELETE', `/v1/conversations/${group.id}/participants/${encodeURIComponent(BEN)}`);
    const found = server.messages.chats.get(`${chat}`);
    expect(found?.name).toBe('Saturday');
    expect(found?.participants.toSorted()).toEqual([RECIPIENT, EVE].sort());
  });

  it.each(['beginPart:after', 'markMatched:before', 'markMatched:after', 'addReport sent:before'])(
    'a message is sent at most once although the agent is killed at %s',
    async (crashAt) => {
      const { send, reaches, actions, restart } = await connected(PRIVATE_API, crashAt);
      const id = await send('survives');
      await until('the agent to die', () => !mac.isRunning());
      restart();
      if (crashAt === 'beginPart:after') {
        expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
        expect(actions()).toEqual([]);
        return;
      }
      await reaches(id, 'delivered');
      expect(actions()).toHaveLength(1);
    },
  );

  it.each(['beginPart:after', 'markMatched:before', 'addReport sent:before'])(
    'a reaction is sent at most once although the agent is killed at %s',
    async (crashAt) => {
      const { client, inbound, actions, request, restart } = await connected(PRIVATE_API, crashAt);
      mac.receive(RECIPIENT, 'Lunch?');
      const [{ id }] = await until('the message', async () => {
        const found = await inbound();
        return found.length === 1 && found;
      });
      const { action_id } = await request('POST', `/v1/messages/${id}/reactions`, { reaction: 'like' });
      await until('the agent to die', () => !mac.isRunning());
      restart();
      const wasSent = crashAt !== 'beginPart:after';
      await until('the end of the action', async () => {
        const { status } = (await client.get(`/v1/actions/${action_id}`)).body;
        return status === (wasSent ? 'sent' : 'failed');
      });
      expect(actions()).toHaveLength(wasSent ? 1 : 0);
    },
  );

  it('a message and a reaction whose responses are lost are sent once and confirmed by chat.db', async () => {
    const { send, reaches, act, actions, server } = await connected(PRIVATE_API);
    server.behave('POST chat/new', { kind: 'act, then break' });
    server.behave('POST message/react', { kind: 'act, then break' });
    const id = await send('lost response');
    await reaches(id, 'delivered');
    await act('POST', `/v1/messages/${id}/reactions`, { reaction: 'laugh' });
    expect(actions().map(({ endpoint }) => endpoint)).toEqual(['POST chat/new', 'POST message/react']);
  });

  it.each(['received', 'sent'])(
    'a message is not sent if the server returns the guid of an earlier %s message',
    async (kind) => {
      const { send, reaches, server, restart } = await connected(PRIVATE_API);
      const guid = kind === 'sent' ? mac.type(RECIPIENT, 'earlier') : mac.receive(RECIPIENT, 'earlier');
      await mac.end();
      server.behave('POST message/text', { kind: 'json', body: { status: 200, data: { guid } } });
      restart();
      const id = await send('lost');
      await until('the request', () => server.requests.some(({ body }) => body.message === 'lost'));
      mac.receive('+14155550188', 'a change of chat.db');
      expect(await reaches(id, 'failed')).toMatchObject({ error_code: 'unconfirmed' });
    },
  );

  it('typing indicators and read receipts go through the Private API', async () => {
    const { client, inbound, message, server } = await connected({ ...PRIVATE_API, version: '1.10.0' });
    mac.receive(RECIPIENT, 'Are you there?');
    const [{ id }] = await until('the message', async () => {
      const found = await inbound();
      return found.length === 1 && found;
    });
    const { conversation_id: conversation } = await message(id);
    const chat = `iMessage;-;${RECIPIENT}`;
    const typing = async (state: string) => {
      const { status, body } = await client.post(`/v1/conversations/${conversation}/typing`, { state });
      expect(status, JSON.stringify(body)).toBe(202);
    };
    await typing('start');
    await until('the indicator', () => server.messages.typing.has(chat));
    await typing('stop');
    await until('the end of the indicator', () => !server.messages.typing.has(chat));
    const { status } = await client.post(`/v1/conversations/${conversation}/read`, undefined);
    expect(status).toBe(204);
    await until('the read receipt', () => server.messages.read.includes(chat));
  });

  it('GET /v1/lookup reads the service of a new handle from the Private API', async () => {
    const { client, server } = await connected(PRIVATE_API);
    server.messages.onIMessage.add(EVE);
    const serviceOf = async (handle: string) => {
      const query = new URLSearchParams({ handle });
      const { status, body } = await client.get(`/v1/lookup?${query}`);
      expect(status, JSON.stringify(body)).toBe(200);
      return body.service;
    };
    expect([await serviceOf(EVE), await serviceOf('+14155550198')]).toEqual(['imessage', 'sms']);
  });

  it('on macOS 26 without the Private API, a direct message is sent and a group message is rejected', async () => {
    const { client, number, send, reaches, server } = await connected({ macos: '26.1' });
    await reaches(await send('direct'), 'delivered');
    const { status, body } = await client.post('/v1/messages/send', {
      from: number,
      to: [RECIPIENT, BEN],
      content: 'group',
    });
    expect([status, JSON.stringify(body)]).toEqual([409, expect.stringContaining('groups')]);
    expect(server.requests.filter(({ endpoint }) => endpoint.startsWith('POST'))).toMatchObject([
      {
        endpoint: 'POST message/text',
        body: { chatGuid: `iMessage;-;${RECIPIENT}`, method: 'apple-script' },
      },
    ]);
  });
});
