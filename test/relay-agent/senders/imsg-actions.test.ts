import { afterAll, describe, expect, it } from 'vitest';
import type { Change, Signal } from '../../../relay-agent/senders/sender.ts';
import { ANN, BEN, setUpImsg, startImsg, text } from '../../support/fake-mac/imsg-fixture.ts';
import { until } from '../../support/until.ts';

const CHAT = `iMessage;-;${ANN}`;
const GROUP = 'any;+;chat123456';
const OF = { guid: '3A5E-ORIGINAL', part: 2 };
const FIRST = { guid: '3A5E-ORIGINAL', part: 0 };
const TARGET = { message_id: '3A5E-ORIGINAL', part_index: 2 };

const withBridge = () => setUpImsg({ bridge: 'ready', chats: [CHAT] });

/** For tests that do not affect each other. */
const shared = startImsg({ bridge: 'ready', chats: [CHAT] });
afterAll(shared.close);

describe('changes of messages and groups', () => {
  it.each<[Change, string, Record<string, unknown>]>([
    [
      { kind: 'react', chat: CHAT, of: OF, reaction: 'love' },
      'tapback',
      { chat_guid: CHAT, ...TARGET, reaction: 'love' },
    ],
    [
      { kind: 'react', chat: GROUP, of: FIRST, reaction: '🤣' },
      'tapback',
      { chat_guid: GROUP, message_id: FIRST.guid, part_index: 0, emoji: '🤣' },
    ],
    [
      { kind: 'unreact', chat: CHAT, of: OF, reaction: 'emphasize' },
      'tapback',
      { chat_guid: CHAT, ...TARGET, reaction: 'emphasize', remove: true },
    ],
    [
      { kind: 'unreact', chat: CHAT, of: FIRST, reaction: '🎉' },
      'tapback',
      { chat_guid: CHAT, message_id: FIRST.guid, part_index: 0, emoji: '🎉', remove: true },
    ],
    [
      { kind: 'edit', chat: CHAT, of: OF, text: 'better\u2028words' },
      'message.edit',
      { chat_guid: CHAT, ...TARGET, text: 'better\u2028words' },
    ],
    [{ kind: 'unsend', chat: CHAT, of: OF }, 'message.unsend', { chat_guid: CHAT, ...TARGET }],
    [{ kind: 'rename_group', chat: GROUP, name: 'Crew' }, 'group.rename', { chat_guid: GROUP, name: 'Crew' }],
    [
      { kind: 'add_participant', chat: GROUP, handle: BEN },
      'group.addParticipant',
      { chat_guid: GROUP, address: BEN },
    ],
    [
      { kind: 'remove_participant', chat: GROUP, handle: BEN },
      'group.removeParticipant',
      { chat_guid: GROUP, address: BEN },
    ],
    [{ kind: 'leave_group', chat: GROUP }, 'group.leave', { chat_guid: GROUP }],
  ])('the change %j is sent with the method %s', async (change, method, parameters) => {
    expect(await shared.sender.change!(change)).toEqual({ kind: 'accepted' });
    expect(shared.requests().at(-1)).toEqual({ method, parameters });
  });

  it.each(['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'])(
    'the tapback %s is accepted',
    async (reaction) => {
      expect(await shared.sender.change!({ kind: 'react', chat: CHAT, of: OF, reaction })).toEqual({
        kind: 'accepted',
      });
    },
  );

  it('a change without the bridge is rejected as unsupported', async () => {
    const { sender, calls } = setUpImsg();
    expect(await sender.change!({ kind: 'unsend', chat: CHAT, of: OF })).toEqual({
      kind: 'rejected',
      code: 'unsupported',
      problem: 'imsg does not support at the moment: unsend.',
    });
    expect(calls()).toEqual([]);
  });

  it('an emoji is not sent to a bridge that would send another reaction', async () => {
    const { sender, calls } = setUpImsg({ bridge: 'ready', emojiVersion: 1 });
    const change: Change = { kind: 'react', chat: CHAT, of: FIRST, reaction: '🤣' };
    expect(await sender.change!(change)).toMatchObject({ kind: 'rejected', code: 'unsupported' });
    expect(calls()).toEqual([]);
  });

  it('an emoji for a later part is rejected, as imsg would add it to the first one', async () => {
    const { sender, calls } = withBridge();
    expect(await sender.change!({ kind: 'react', chat: CHAT, of: OF, reaction: '🤣' })).toEqual({
      kind: 'rejected',
      code: 'unsupported',
      problem: 'imsg adds an emoji to the first part of a message only.',
    });
    expect(calls()).toEqual([]);
  });

  it.each([
    ['not started', 'rejected'],
    ['outcome unknown', 'unknown'],
    ['die', 'unknown'],
  ] as const)('a change with the error "%s" is %s', async (behaviour, kind) => {
    const { sender, behave } = withBridge();
    behave('message.edit', behaviour);
    expect(await sender.change!({ kind: 'edit', chat: CHAT, of: OF, text: 'x' })).toMatchObject({ kind });
  });

  it('no problem contains the new text of an edit', async () => {
    const { sender, behave } = withBridge();
    behave('message.edit', 'quote the text');
    const outcome = await sender.change!({ kind: 'edit', chat: CHAT, of: OF, text: 'my secret PIN 4711' });
    expect(outcome).toMatchObject({ kind: 'unknown' });
    expect(JSON.stringify(outcome)).not.toMatch(/secret|4711/);
  });

  it('changes and sends are carried out in their order', async () => {
    const { sender, calls } = withBridge();
    await Promise.all([
      sender.send(text(ANN)),
      sender.change!({ kind: 'unsend', chat: CHAT, of: OF }),
      sender.send(text(ANN)),
    ]);
    expect(calls().map(({ method }) => method)).toEqual(['send.tracked', 'message.unsend', 'send.tracked']);
  });
});

describe('signals', () => {
  it.each<[Signal, string, Record<string, unknown>]>([
    [
      { kind: 'typing', to: { kind: 'handle', handle: ANN }, chat: CHAT, isTyping: true },
      'typing',
      { chat_guid: CHAT, typing: true },
    ],
    [
      { kind: 'typing', to: { kind: 'handle', handle: ANN }, chat: undefined, isTyping: false },
      'typing',
      { to: ANN, typing: false },
    ],
    [
      { kind: 'typing', to: { kind: 'group', chat: GROUP }, chat: GROUP, isTyping: true },
      'typing',
      { chat_guid: GROUP, typing: true },
    ],
    [
      { kind: 'read', to: { kind: 'handle', handle: ANN }, chat: undefined, isTyping: false },
      'read',
      { to: ANN },
    ],
    [
      { kind: 'read', to: { kind: 'group', chat: GROUP }, chat: GROUP, isTyping: false },
      'read',
      { chat_guid: GROUP },
    ],
  ])('the signal %j is sent with the method %s', async (signal, method, parameters) => {
    await shared.sender.signal!(signal);
    expect(shared.requests().at(-1)).toEqual({ method, parameters });
    expect(shared.problems).toEqual([]);
  });

  const typing: Signal = { kind: 'typing', to: { kind: 'handle', handle: ANN }, chat: CHAT, isTyping: true };

  it('imsg without its bridge gets no signals: it would start Messages', async () => {
    const { sender, calls } = setUpImsg();
    await sender.signal!(typing);
    expect(calls()).toEqual([]);
  });

  it('repeated failures of signals are reported once', async () => {
    const { sender, behave, problems } = withBridge();
    behave('typing', 'not started');
    await sender.signal!(typing);
    await sender.signal!(typing);
    expect(problems).toEqual([
      'imsg: Delivery failed before dispatch: The attachment could not be staged before dispatch.',
    ]);
    behave('typing', 'deliver');
    await sender.signal!(typing);
    behave('typing', 'not started');
    await sender.signal!(typing);
    expect(problems).toHaveLength(2);
  });
});

describe('reads', () => {
  it('the look-up of a handle returns its service', async () => {
    const { sender, set, reads } = withBridge();
    const mail = 'ann@example.com';
    set({ handles: { [ANN]: 1, [BEN]: 2, '+14155550109': 0, [mail]: 2 } });
    expect(await sender.lookUp!(ANN)).toBe('imessage');
    expect(await sender.lookUp!(BEN)).toBe('sms');
    expect(await sender.lookUp!('+14155550109')).toBe('unknown');
    expect(await sender.lookUp!(mail)).toBe('unknown');
    expect(reads().map(({ parameters }) => parameters)).toEqual(
      [ANN, BEN, '+14155550109', mail].map((address) => ({ address })),
    );
  });

  it.each(['no such method', 'server busy', 'die'] as const)(
    'the service is unknown after the error "%s"',
    async (behaviour) => {
      const { sender, behave } = withBridge();
      behave('handles.check', behaviour);
      expect(await sender.lookUp!(ANN)).toBe('unknown');
    },
  );

  it('the service is unknown without the bridge, and without imsg', async () => {
    expect(await setUpImsg().sender.lookUp!(ANN)).toBe('unknown');
    expect(await setUpImsg({}, { program: '/nonexistent/imsg' }).sender.lookUp!(ANN)).toBe('unknown');
  });

  it('a tracked send without a response is found by its attempt id', async () => {
    const { sender, behave, requests } = withBridge();
    behave(ANN, 'deliver, then die without a response');
    const sending = text(ANN);
    expect(await sender.send(sending)).toMatchObject({ kind: 'unknown' });
    expect(await sender.statusOf!(sending.attemptId)).toBe('sent');
    expect(requests()).toHaveLength(1);
  });

  it.each([
    ['pending', 'unknown'],
    ['sent', 'sent'],
    ['delivered', 'sent'],
    ['failed', 'failed'],
  ] as const)('a message that imsg reports as %s is %s', async (state, status) => {
    shared.setSendState('an-attempt', state);
    expect(await shared.sender.statusOf!('an-attempt')).toBe(status);
  });

  it('the state of an unknown attempt is unknown, also without chat.db', async () => {
    const { sender, set } = withBridge();
    expect(await sender.statusOf!('an-attempt')).toBe('unknown');
    set({ hasDatabase: false });
    expect(await sender.statusOf!('an-attempt')).toBe('unknown');
  });

  it('reads do not wait for a slow send', async () => {
    const { sender, behave, calls, release } = withBridge();
    behave(ANN, 'deliver after the release');
    const sending = sender.send(text(ANN));
    await until('the send to reach imsg', () => calls().length > 0);
    expect(await sender.lookUp!(BEN)).toBe('imessage');
    expect(await sender.statusOf!('an-attempt')).toBe('unknown');
    expect(await sender.probe()).toMatchObject({ isReady: true });
    release();
    expect(await sending).toMatchObject({ kind: 'accepted' });
  });

  it('too many look-ups at the same time are unknown, and keep the state of imsg', async () => {
    const { sender, behave, reads, release } = withBridge();
    await sender.probe();
    behave('handles.check', 'deliver after the release');
    const lookUps = Array.from({ length: 70 }, () => sender.lookUp!(ANN));
    await until('the look-ups to reach imsg', () => reads().length === 4);
    expect(await sender.probe()).toMatchObject({ isReady: true });
    expect(await sender.send(text(ANN))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'imsg: Server busy: more than 64 open requests',
    });
    release();
    const found = await Promise.all(lookUps);
    expect(found.filter((one) => one === 'imessage')).toHaveLength(64);
    expect(found.filter((one) => one === 'unknown')).toHaveLength(6);
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted' });
  });

  it('a read is repeated if a failed send ended the process', async () => {
    const { sender, behave, reads, calls } = withBridge();
    behave(`handles.check ${BEN}`, 'deliver after the release');
    behave(ANN, 'still in flight');
    const lookUp = sender.lookUp!(BEN);
    await until('the look-up to reach imsg', () => reads().length > 0);
    behave(`handles.check ${BEN}`, 'deliver');
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'unknown' });
    expect(await lookUp).toBe('imessage');
    expect(calls()).toHaveLength(1);
  });
});
