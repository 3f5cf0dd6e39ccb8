import { afterEach, describe, expect, it } from 'vitest';
import type { Recipient } from '../../../relay-agent/senders/sender.ts';
import {
  blueBubbles,
  cleanUp,
  GROUP,
  MEMBERS,
  PRIVATE_API,
} from '../../support/fake-mac/bluebubbles-sender.ts';

const ANN = '+14155550101';
const CHAT = `iMessage;-;${ANN}`;
const TARGET = { guid: '3F2C0F5E-1111-4C3B-9A45-0123456789AB', part: 2 };
const someGuid = expect.stringMatching(/^[\dA-F-]{36}$/);

afterEach(cleanUp);

describe('changes by the Private API of BlueBubbles', () => {
  it.each([
    [{ kind: 'react', reaction: 'love' } as const, 'love'],
    [{ kind: 'unreact', reaction: 'emphasize' } as const, '-emphasize'],
  ])('the change %o is sent with its chat, message and part', async (wanted, reaction) => {
    const { sender, messages, actions } = await blueBubbles(PRIVATE_API);
    messages.messages.set(TARGET.guid, GROUP);
    const outcome = await sender.change?.({ ...wanted, chat: GROUP, of: TARGET });
    expect(outcome).toEqual({ kind: 'accepted', chat: GROUP, guid: someGuid });
    expect(outcome).not.toMatchObject({ guid: TARGET.guid });
    expect(actions()).toEqual([
      {
        endpoint: 'POST message/react',
        body: { chatGuid: GROUP, selectedMessageGuid: TARGET.guid, reaction, partIndex: 2 },
      },
    ]);
  });

  it('an edit has the words of Messages for older versions', async () => {
    const { sender, messages, actions } = await blueBubbles(PRIVATE_API);
    messages.messages.set(TARGET.guid, CHAT);
    const edit = { kind: 'edit', chat: CHAT, of: TARGET, text: 'Bis “morgen” 👋🏽\n!' } as const;
    expect(await sender.change?.(edit)).toEqual({ kind: 'accepted', chat: CHAT, guid: TARGET.guid });
    expect(actions()).toEqual([
      {
        endpoint: `POST message/${TARGET.guid}/edit`,
        body: {
          editedMessage: 'Bis “morgen” 👋🏽\n!',
          backwardsCompatibilityMessage: 'Edited to “Bis “morgen” 👋🏽\n!”',
          partIndex: 2,
        },
      },
    ]);
  });

  it('an unsend has the part', async () => {
    const { sender, messages, actions } = await blueBubbles(PRIVATE_API);
    messages.messages.set(TARGET.guid, CHAT);
    expect(await sender.change?.({ kind: 'unsend', chat: CHAT, of: TARGET })).toEqual({
      kind: 'accepted',
      chat: CHAT,
      guid: TARGET.guid,
    });
    expect(actions()).toEqual([{ endpoint: `POST message/${TARGET.guid}/unsend`, body: { partIndex: 2 } }]);
  });

  it('a group is renamed, its participants change, and it is left', async () => {
    const { sender, messages, actions } = await blueBubbles(PRIVATE_API);
    const accepted = { kind: 'accepted', chat: GROUP };
    const change = sender.change ?? expect.fail();
    expect(await change({ kind: 'rename_group', chat: GROUP, name: 'Chor' })).toEqual(accepted);
    expect(await change({ kind: 'add_participant', chat: GROUP, handle: 'eve@example.com' })).toEqual(
      accepted,
    );
    const [first = ''] = MEMBERS;
    expect(await change({ kind: 'remove_participant', chat: GROUP, handle: first })).toEqual(accepted);
    expect(messages.chats.get(GROUP)).toEqual({
      name: 'Chor',
      participants: [...MEMBERS.slice(1), 'eve@example.com'],
    });
    expect(await change({ kind: 'leave_group', chat: GROUP })).toEqual(accepted);
    expect(messages.chats.has(GROUP)).toBe(false);
    expect(actions()).toEqual([
      { endpoint: `PUT chat/${GROUP}`, body: { displayName: 'Chor' } },
      { endpoint: `POST chat/${GROUP}/participant/add`, body: { address: 'eve@example.com' } },
      { endpoint: `POST chat/${GROUP}/participant/remove`, body: { address: first } },
      { endpoint: `POST chat/${GROUP}/leave`, body: {} },
    ]);
  });

  it('a change that the server rejects before it acts is a rejection', async () => {
    const { sender, addChat } = await blueBubbles(PRIVATE_API);
    addChat(CHAT);
    const change = sender.change ?? expect.fail();
    const rejection = (problem: string) => ({ kind: 'rejected', code: 'device_error', problem });
    const react = { kind: 'react', chat: CHAT, of: TARGET, reaction: 'like' } as const;
    expect(await change(react)).toEqual(
      rejection('BlueBubbles returned status 400: Selected message does not exist!'),
    );
    expect(await change({ kind: 'unsend', chat: CHAT, of: TARGET })).toMatchObject({ kind: 'rejected' });
    expect(await change({ kind: 'rename_group', chat: CHAT, name: 'Pair' })).toEqual(
      rejection('BlueBubbles returned status 500: Chat is not a group'),
    );
    expect(await change({ kind: 'add_participant', chat: 'any;+;chat1', handle: ANN })).toEqual(
      rejection('BlueBubbles returned status 404: Chat does not exist!'),
    );
  });

  it('a change that may have been carried out has an unknown outcome', async () => {
    const { sender, messages, behave } = await blueBubbles(PRIVATE_API, { timeoutMs: 2_000 });
    messages.messages.set(TARGET.guid, GROUP);
    const change = sender.change ?? expect.fail();
    const [first = ''] = MEMBERS;
    expect(await change({ kind: 'add_participant', chat: GROUP, handle: first })).toMatchObject({
      kind: 'unknown',
      problem: expect.stringContaining('Operation took longer'),
    });
    behave('POST message/', { kind: 'silence' });
    expect(await change({ kind: 'edit', chat: GROUP, of: TARGET, text: 'x' })).toMatchObject({
      kind: 'unknown',
    });
    behave('POST message/', { kind: 'break' });
    expect(await change({ kind: 'unsend', chat: GROUP, of: TARGET })).toMatchObject({ kind: 'unknown' });
  });

  it('a change without its capability is rejected without a request', async () => {
    const { sender, actions, switches } = await blueBubbles({ ...PRIVATE_API, macos: '12.7.6' });
    const change = sender.change ?? expect.fail();
    const unsupported = { kind: 'rejected', code: 'unsupported' };
    expect(await change({ kind: 'react', chat: GROUP, of: TARGET, reaction: '🎉' })).toMatchObject({
      ...unsupported,
      problem: expect.stringContaining("'emoji_reactions'"),
    });
    expect(await change({ kind: 'edit', chat: GROUP, of: TARGET, text: 'x' })).toMatchObject({
      ...unsupported,
      problem: expect.stringContaining('macOS 13'),
    });
    expect(await change({ kind: 'rename_group', chat: GROUP, name: ' ' })).toMatchObject(unsupported);
    switches.privateApi = false;
    await sender.probe();
    expect(await change({ kind: 'leave_group', chat: GROUP })).toMatchObject({
      ...unsupported,
      problem: expect.stringContaining('Enable the Private API'),
    });
    expect(actions()).toEqual([]);
  });

  it('an id that is not safe in a path or in a shell is rejected without a request', async () => {
    const { sender, requests } = await blueBubbles(PRIVATE_API);
    const change = sender.change ?? expect.fail();
    for (const id of ['..', '.', '', 'a b', '$(true)', '"']) {
      const of = { guid: id, part: 0 };
      expect(await change({ kind: 'unsend', chat: GROUP, of })).toMatchObject({ kind: 'rejected' });
      expect(await change({ kind: 'leave_group', chat: id })).toMatchObject({ kind: 'rejected' });
      const add = { kind: 'add_participant', chat: GROUP, handle: id } as const;
      expect(await change(add)).toMatchObject({ kind: 'rejected' });
    }
    expect(requests).toEqual([]);
  });
});

describe('signals and lookups by the Private API of BlueBubbles', () => {
  const to: Recipient & { kind: 'handle' } = { kind: 'handle', handle: ANN };

  it('a typing indicator starts and ends, and a chat is marked as read', async () => {
    const { sender, addChat, messages, actions } = await blueBubbles({ ...PRIVATE_API, version: '1.10.0' });
    addChat(CHAT);
    await sender.signal?.({ kind: 'typing', to, chat: CHAT, isTyping: true });
    expect([...messages.typing]).toEqual([CHAT]);
    await sender.signal?.({ kind: 'typing', to, chat: CHAT, isTyping: false });
    expect([...messages.typing]).toEqual([]);
    await sender.signal?.({ kind: 'read', to, chat: CHAT, isTyping: false });
    await sender.signal?.({
      kind: 'read',
      to: { kind: 'group', chat: GROUP },
      chat: undefined,
      isTyping: false,
    });
    expect(messages.read).toEqual([CHAT, GROUP]);
    expect(actions()).toEqual([
      { endpoint: `POST chat/${CHAT}/typing`, body: {} },
      { endpoint: `DELETE chat/${CHAT}/typing`, body: {} },
      { endpoint: `POST chat/${CHAT}/read`, body: {} },
      { endpoint: `POST chat/${GROUP}/read`, body: {} },
    ]);
  });

  it.each(['1.9.9', '1.9.10-beta.1', '1.9', ''])(
    'the end of a typing indicator is sent to version %o only if that version stops it',
    async (version) => {
      const { sender, actions } = await blueBubbles({ ...PRIVATE_API, version });
      await sender.signal?.({ kind: 'typing', to, chat: CHAT, isTyping: false });
      expect(actions()).toHaveLength(version.startsWith('1.9.10') ? 1 : 0);
    },
  );

  it('a signal without a chat or without the Private API causes no request that signals', async () => {
    const { sender, actions, switches } = await blueBubbles(PRIVATE_API);
    await sender.signal?.({ kind: 'typing', to, chat: undefined, isTyping: true });
    switches.helperConnected = false;
    await sender.probe();
    await sender.signal?.({ kind: 'read', to, chat: CHAT, isTyping: false });
    expect(actions()).toEqual([]);
  });

  it('a failed signal is ignored', async () => {
    const { sender, behave, close } = await blueBubbles(PRIVATE_API);
    const signal = () => sender.signal?.({ kind: 'read', to, chat: CHAT, isTyping: false });
    behave('POST chat/', { kind: 'break' });
    expect(await signal()).toBeUndefined();
    behave('POST chat/', { kind: 'error', status: 500, message: 'iMessage Private API is not enabled!' });
    expect(await signal()).toBeUndefined();
    await close();
    expect(await signal()).toBeUndefined();
  });

  it('lookUp returns the channel of a handle, or unknown', async () => {
    const { sender, messages, endpoints, behave, switches } = await blueBubbles(PRIVATE_API);
    messages.onIMessage.add(ANN);
    const lookUp = sender.lookUp ?? expect.fail();
    expect(await lookUp(ANN)).toBe('imessage');
    expect(await lookUp('+14155550102')).toBe('sms');
    expect(await lookUp('eve+x&y@example.com')).toBe('unknown');
    expect(endpoints().slice(1)).toEqual([
      `GET handle/availability/imessage?address=${encodeURIComponent(ANN)}`,
      'GET handle/availability/imessage?address=%2B14155550102',
      'GET handle/availability/imessage?address=eve%2Bx%26y%40example.com',
    ]);
    behave('GET handle', { kind: 'json', body: { status: 200, data: { available: 'yes' } } });
    expect(await lookUp(ANN)).toBe('unknown');
    behave('GET handle', { kind: 'html', status: 200 });
    expect(await lookUp(ANN)).toBe('unknown');
    switches.privateApi = false;
    await sender.probe();
    const count = endpoints().length;
    expect(await lookUp(ANN)).toBe('unknown');
    expect(endpoints()).toHaveLength(count);
  });
});
