/** Tests the relay agent with imsg and its bridge: rich messages and actions, from the API to chat.db. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac, StartOptions } from '../support/fake-mac/fake-mac.ts';
import { type FakeImsg, type ImsgBehaviour, installImsg } from '../support/fake-mac/imsg.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const BEN = '+14155550177';
const CID = '+14155550178';

describe('a Mac with imsg and its bridge', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  let imsg: FakeImsg;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());
  afterEach(async () => {
    await mac.dispose();
    imsg.remove();
  });

  const start = (options: StartOptions = {}) =>
    mac.start({ ...options, env: { HOMING_RELAY_IMSG: imsg.program } });

  async function withImsg(options: StartOptions = {}) {
    const paired = await pairMac(homing);
    mac = paired.mac;
    imsg = installImsg({ bridge: 'ready', chatDb: join(mac.folder, 'chat.db') });
    start(options);
    await paired.connected();
    const { client } = paired;
    const capable = async () => {
      const { body } = await client.get('/v1/numbers');
      const own = body.numbers.find((one: { phone_number: string }) => one.phone_number === paired.number);
      return own.capabilities.includes('reactions');
    };
    await until('the capabilities of the bridge', capable);
    const shows = (id: string, condition: string, check: (message: never) => boolean) =>
      until(`message ${id}: ${condition}`, async () => check((await paired.message(id)) as never));
    return { ...paired, shows };
  }

  const methods = () => imsg.calls().map(({ method }) => method);

  it('texts are sent, and tracked as soon as there is a chat', async () => {
    const { send, reaches } = await withImsg();
    await reaches(await send('first'), 'delivered');
    await reaches(await send('second'), 'delivered');
    expect(methods()).toEqual(['send.tracked', 'send', 'send.tracked']);
    expect(imsg.calls().at(-1)?.parameters.attempt_id).toBe(mac.lastGuid());
    expect(mac.calls()).toEqual([]);
  });

  it('a text whose response is lost is sent once', async () => {
    const { send, reaches } = await withImsg();
    await reaches(await send('first'), 'delivered');
    imsg.behave(`send.tracked ${RECIPIENT}`, 'deliver, then die without a response');
    await reaches(await send('second'), 'delivered');
    expect(methods()).toEqual(['send.tracked', 'send', 'send.tracked']);
    expect(mac.calls()).toEqual([]);
  });

  it('a text that imsg rejects is sent by AppleScript', async () => {
    const { send, reaches } = await withImsg();
    imsg.behave(RECIPIENT, 'not started');
    await reaches(await send('by AppleScript'), 'delivered');
    expect(mac.calls()).toHaveLength(1);
  });

  it('a reply with effect and subject reaches imsg', async () => {
    const { send, reaches } = await withImsg();
    const first = await send('first');
    await reaches(first, 'delivered');
    const guid = mac.lastGuid();
    const id = await send('reply', RECIPIENT, { reply_to: first, effect: 'slam', subject: 'Re' });
    await reaches(id, 'delivered');
    expect(imsg.calls().at(-1)).toMatchObject({
      method: 'send.rich',
      parameters: {
        chat_identifier: RECIPIENT,
        text: 'reply',
        reply_to: guid,
        part_index: 0,
        effect_id: 'com.apple.MobileSMS.expressivesend.impact',
        subject: 'Re',
      },
    });
  });

  it('reactions, edits and unsends change the message', async () => {
    const { send, reaches, client, message, shows } = await withImsg();
    const id = await send('hello');
    await reaches(id, 'delivered');
    const reacted = await client.post(`/v1/messages/${id}/reactions`, { reaction: '🎉' });
    expect(reacted.status, JSON.stringify(reacted.body)).toBe(202);
    await until('the emoji to reach imsg', () =>
      imsg.calls().some(({ parameters }) => parameters.emoji === '🎉'),
    );
    await shows(id, 'the reaction', ({ reactions }: { reactions: unknown[] }) => reactions.length === 1);
    const edited = await client.request('PATCH', `/v1/messages/${id}`, {
      body: { content: 'hello again' },
    });
    expect(edited.status, JSON.stringify(edited.body)).toBe(202);
    await shows(id, 'the edit', ({ content }: { content: string }) => content === 'hello again');
    const unsent = await client.post(`/v1/messages/${id}/unsend`, {});
    expect(unsent.status, JSON.stringify(unsent.body)).toBe(202);
    await shows(id, 'the unsending', ({ unsent_at }: { unsent_at: unknown }) => unsent_at !== null);
    expect(methods().slice(-3)).toEqual(['tapback', 'message.edit', 'message.unsend']);
    expect(await message(id)).toMatchObject({ edited_at: expect.any(String) });
  });

  it('a new group is created with its first message, and is changed', async () => {
    const { client, number, reaches, message } = await withImsg();
    const { status, body } = await client.post('/v1/messages/send', {
      from: number,
      to: [BEN, CID],
      content: 'hello all',
    });
    expect(status, JSON.stringify(body)).toBe(202);
    await reaches(body.id, 'delivered');
    const { conversation_id } = await message(body.id);
    const renamed = await client.request('PATCH', `/v1/conversations/${conversation_id}`, {
      body: { name: 'Crew' },
    });
    expect(renamed.status, JSON.stringify(renamed.body)).toBeLessThan(300);
    await until('the new name', async () => {
      const found = await client.get(`/v1/conversations/${conversation_id}`);
      return found.body.name === 'Crew';
    });
    const second = await client.post('/v1/messages/send', { conversation_id, content: 'again' });
    await reaches(second.body.id, 'delivered');
    const [create, rename, tracked] = imsg.calls();
    expect(create).toMatchObject({
      method: 'chats.create',
      parameters: { addresses: expect.arrayContaining([BEN, CID]), text: 'hello all' },
    });
    const chat = rename?.parameters.chat_guid;
    expect(rename).toMatchObject({ method: 'group.rename', parameters: { name: 'Crew' } });
    expect(tracked).toMatchObject({ method: 'send.tracked', parameters: { chat_guid: chat, text: 'again' } });
  });

  it('typing and look-ups reach imsg at once', async () => {
    const { send, reaches, client, message } = await withImsg();
    const id = await send('hello');
    await reaches(id, 'delivered');
    const { conversation_id: conversation } = await message(id);
    const typing = await client.post(`/v1/conversations/${conversation}/typing`, { state: 'start' });
    expect(typing.status, JSON.stringify(typing.body)).toBe(202);
    await until('the typing indicator', () => methods().at(-1) === 'typing');
    const found = await client.get(`/v1/lookup?handle=${encodeURIComponent(CID)}`);
    expect(found.body).toMatchObject({ handle: CID, service: 'imessage', source: 'device' });
  });

  it('each message is sent once or fails, in every way in which imsg can end', async () => {
    const { send, reaches } = await withImsg({ confirmSeconds: 3 });
    const ends: [ImsgBehaviour, string, number][] = [
      ['deliver', 'delivered', 1],
      ['deliver, then die without a response', 'delivered', 1],
      ['die', 'failed', 0],
      ['still in flight', 'failed', 0],
      ['not started', 'delivered', 1],
      ['outcome unknown', 'failed', 0],
      ['deliver, then die', 'delivered', 1],
    ];
    const sent = await Promise.all(
      ends.map(async ([behaviour, status, rows], index) => {
        const to = `+1415555020${index}`;
        imsg.behave(to, behaviour);
        return { id: await send(`message ${index}`, to), to, status, rows };
      }),
    );
    for (const { id, status } of sent) await reaches(id, status);
    const database = new Database(join(mac.folder, 'chat.db'), { readonly: true });
    const sql = `SELECT COUNT(*) FROM message JOIN handle ON handle.ROWID = message.handle_id WHERE handle.id = ?`;
    const rows = sent.map(({ to }) => database.prepare(sql).pluck().get(to));
    database.close();
    expect(rows).toEqual(sent.map((one) => one.rows));
  });

  it.each(['beginPart:after', 'markMatched:before', 'markMatched:after', 'addReport sent:before'])(
    'a tracked text is sent at most once although the agent is killed at %s',
    async (crashAt) => {
      const { send, reaches } = await withImsg();
      await reaches(await send('first'), 'delivered');
      await mac.end();
      start({ crashAt, confirmSeconds: 3 });
      const id = await send('second');
      await until('the agent to die', () => !mac.isRunning());
      start({ confirmSeconds: 3 });
      const isBegun = crashAt === 'beginPart:after';
      await reaches(id, isBegun ? 'failed' : 'delivered');
      const seconds = imsg.calls().filter(({ parameters }) => parameters.text === 'second');
      expect(seconds).toHaveLength(isBegun ? 0 : 1);
    },
  );

  it.each(['beginPart:after', 'addReport sent:before'])(
    'a reaction is sent at most once although the agent is killed at %s',
    async (crashAt) => {
      const { send, reaches, client, message, steps } = await withImsg();
      const id = await send('first');
      await reaches(id, 'delivered');
      await mac.end();
      start({ crashAt, confirmSeconds: 3 });
      const reacted = await client.post(`/v1/messages/${id}/reactions`, { reaction: 'love' });
      expect(reacted.status, JSON.stringify(reacted.body)).toBe(202);
      await until('the agent to die', () => !mac.isRunning());
      start({ confirmSeconds: 3 });
      const isBegun = crashAt === 'beginPart:after';
      const state = isBegun ? 'failed' : 'sent';
      await until(`the action to be ${state}`, async () => {
        const all: { step: string; detail: { state?: string } | null }[] = await steps(id);
        return all.some(({ step, detail }) => step === 'action' && detail?.state === state);
      });
      const { reactions } = await message(id);
      expect(reactions.map(({ reaction }: { reaction: string }) => reaction)).toEqual(
        isBegun ? [] : ['love'],
      );
      expect(methods().filter((method) => method === 'tapback')).toHaveLength(isBegun ? 0 : 1);
    },
  );
});
