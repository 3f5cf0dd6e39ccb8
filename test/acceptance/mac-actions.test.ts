/** Tests actions that the relay agent carries out through imsg, with kills between their steps. */
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac, StartOptions } from '../support/fake-mac/fake-mac.ts';
import { type FakeImsg, installImsg } from '../support/fake-mac/imsg.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const BEN = 'ben@example.com';
const CAT = '+14155550188';
const GROUP = 'iMessage;+;chat900';

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

  async function running() {
    const paired = await pairMac(homing);
    mac = paired.mac;
    imsg = installImsg({ bridge: 'ready', chatDb: join(mac.folder, 'chat.db') });
    const start = (options: StartOptions = {}) =>
      mac.start({ ...options, env: { HOMING_RELAY_IMSG: imsg.program, ...options.env } });
    start();
    await paired.connected();
    const { client } = paired;
    const post = async (path: string, body: object) => {
      const response = await client.post(path, body);
      expect(response.status, `${path} ${JSON.stringify(response.body)}`).toBeLessThan(300);
      return response.body;
    };
    const received = async (count: number) =>
      until(`${count} messages`, async () => {
        const found = await paired.inbound();
        return found.length >= count && found;
      });
    /** The calls of a method of imsg. */
    const calls = (method: string) =>
      imsg.calls().flatMap((call) => (call.method === method ? [call.parameters] : []));
    return { ...paired, start, post, received, calls };
  }

  async function withGroup() {
    const paired = await running();
    mac.receive(RECIPIENT, 'hello all', {
      group: { guid: GROUP, name: 'Family', participants: [RECIPIENT, BEN] },
    });
    const [first] = await paired.received(1);
    const { conversation_id } = await paired.message(first.id);
    const path = `/v1/conversations/${conversation_id}`;
    const conversation = async () => (await paired.client.get(path)).body;
    return { ...paired, path, conversation, first };
  }

  it('reports everything that imsg supports, and less after the bridge stopped', async () => {
    const { client, number, start } = await running();
    const capabilities = async () =>
      (await client.get('/v1/numbers')).body.numbers.find(
        (one: { number?: string; phone_number?: string }) => (one.phone_number ?? one.number) === number,
      ).capabilities;
    await until('all capabilities', async () => (await capabilities())?.includes('reactions'));
    expect(await capabilities()).toEqual([
      ...[
        'groups',
        'group_management',
        'reactions',
        'emoji_reactions',
        'replies',
        'edit',
        'unsend',
        'effects',
      ],
      ...['voice_notes', 'subject', 'typing', 'read_receipts', 'lookup'],
    ]);
    await mac.end();
    imsg.set({ bridge: 'not started' });
    start();
    // While the agent is not connected, the list is empty.
    await until('fewer capabilities', async () => {
      const now = await capabilities();
      return now.includes('groups') && !now.includes('reactions');
    });
  });

  it('adds and removes reactions on received messages', async () => {
    const { post, message, received, client, calls } = await running();
    const guid = mac.receive(RECIPIENT, 'dinner?');
    const [{ id }] = await received(1);
    for (const reaction of ['love', '🦊']) {
      await post(`/v1/messages/${id}/reactions`, { reaction });
      await until(`the reaction ${reaction}`, async () =>
        (await message(id)).reactions.some((one: { reaction: string }) => one.reaction === reaction),
      );
    }
    const [{ id: reaction }] = (await message(id)).reactions;
    const removed = await client.delete(`/v1/messages/${id}/reactions/${reaction}`);
    expect(removed.status).toBe(202);
    await until('no reaction', async () => (await message(id)).reactions.length === 0);
    expect(calls('tapback')).toMatchObject([
      { message_id: guid, reaction: 'love' },
      { message_id: guid, emoji: '🦊' },
      { message_id: guid, emoji: '🦊', remove: true },
    ]);
    expect(await received(1)).toHaveLength(1);
  });

  it('sends typing indicators and read receipts at once, and looks handles up', async () => {
    const { path, post, client, calls } = await withGroup();
    await post(`${path}/typing`, { state: 'start' });
    await until('the typing indicator', () => calls('typing').length === 1);
    expect((await client.post(`${path}/read`, {})).status).toBe(204);
    await until('the read receipt', () => calls('read').length === 1);
    imsg.set({ handles: { '+14155550123': 2 } });
    const lookup = async (handle: string) =>
      (await client.get(`/v1/lookup?handle=${encodeURIComponent(handle)}`)).body.service;
    expect(await lookup('+14155550124')).toBe('imessage');
    expect(await lookup('+14155550123')).toBe('sms');
  });

  type Group = Awaited<ReturnType<typeof withGroup>>;
  interface Kind {
    method: string;
    /** Prepares the action before the agent is started with the kill. Resolves to the request of the action. */
    prepare(group: Group): Promise<() => Promise<Record<string, string>>>;
  }
  const sentMessage = async ({ send, reaches }: Group) => {
    const id = await send('draft');
    await reaches(id, 'delivered');
    return id;
  };
  const patched = async ({ client }: Group, path: string, body: object) =>
    (await client.patch(path, body)).body;
  const deleted = async ({ client }: Group, path: string) => (await client.delete(path)).body;
  const KINDS: Record<string, Kind> = {
    react: {
      method: 'tapback',
      prepare:
        async ({ post, first }) =>
        () =>
          post(`/v1/messages/${first.id}/reactions`, { reaction: 'like' }),
    },
    unreact: {
      method: 'tapback',
      async prepare(group) {
        const { post, message, first } = group;
        await post(`/v1/messages/${first.id}/reactions`, { reaction: 'like' });
        const [reaction] = await until('the reaction', async () => {
          const { reactions } = await message(first.id);
          return reactions.length === 1 && reactions;
        });
        return () => deleted(group, `/v1/messages/${first.id}/reactions/${reaction.id}`);
      },
    },
    edit: {
      method: 'message.edit',
      async prepare(group) {
        const id = await sentMessage(group);
        return () => patched(group, `/v1/messages/${id}`, { content: 'final' });
      },
    },
    unsend: {
      method: 'message.unsend',
      async prepare(group) {
        const id = await sentMessage(group);
        return () => group.post(`/v1/messages/${id}/unsend`, {});
      },
    },
    rename_group: {
      method: 'group.rename',
      prepare: async (group) => () => patched(group, group.path, { name: 'Renamed' }),
    },
    add_participant: {
      method: 'group.addParticipant',
      prepare:
        async ({ post, path }) =>
        () =>
          post(`${path}/participants`, { handle: CAT }),
    },
    remove_participant: {
      method: 'group.removeParticipant',
      prepare: async (group) => () => deleted(group, `${group.path}/participants/${encodeURIComponent(BEN)}`),
    },
    leave_group: {
      method: 'group.leave',
      prepare:
        async ({ post, path }) =>
        () =>
          post(`${path}/leave`, {}),
    },
  };
  const POINTS = [
    'take:after',
    'beginPart:before',
    'beginPart:after',
    'addReport sent:before',
    'settle:before',
    'acknowledgeReports:before',
  ];

  it.each(Object.keys(KINDS).flatMap((kind) => POINTS.map((crashAt) => [kind, crashAt] as const)))(
    'the action %s is carried out at most once although the agent is killed at %s',
    async (name, crashAt) => {
      const group = await withGroup();
      const { method, prepare } = KINDS[name]!;
      const act = await prepare(group);
      const before = group.calls(method).length;
      await mac.end();
      group.start({ crashAt });
      const { action_id, id } = await act();
      await until('the agent to die', () => !mac.isRunning());
      group.start({ confirmSeconds: 3 });
      const action = await until('the end of the action', async () => {
        const { body } = await group.client.get(`/v1/actions/${action_id ?? id}`);
        return ['sent', 'failed'].includes(body.status) && body;
      });
      // After `beginPart` the agent cannot know that the sender did not start.
      const wasCarriedOut = crashAt !== 'beginPart:after';
      expect(action).toMatchObject(
        wasCarriedOut ? { status: 'sent' } : { status: 'failed', error_code: 'unconfirmed' },
      );
      expect(group.calls(method).length - before).toBe(wasCarriedOut ? 1 : 0);
    },
  );
});
