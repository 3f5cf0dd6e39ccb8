import { afterAll, describe, expect, it } from 'vitest';
import type { Sending } from '../../../relay-agent/senders/sender.ts';
import { EFFECTS, effectId } from '../../../shared/effects.ts';
import type { ImsgSettings } from '../../support/fake-mac/imsg.ts';
import {
  ANN,
  acceptedTo,
  BEN,
  CID,
  setUpImsg,
  startImsg,
  text,
} from '../../support/fake-mac/imsg-fixture.ts';
import { sendingTo } from '../../support/fake-mac/sendings.ts';

const CHAT = `iMessage;-;${ANN}`;
const GROUP = 'any;+;chat123456';
const REPLY = { guid: '3A5E-ORIGINAL', part: 1 };
const BRIDGE = { bridge: 'ready', chats: [CHAT] } as const;

const withBridge = (settings: Partial<ImsgSettings> = {}) => setUpImsg({ ...BRIDGE, ...settings });
const file = (to: string, path: string, more: Partial<Sending> = {}) =>
  sendingTo(to, { kind: 'file', path }, more);

function toNewGroup(content: Sending['content'], more: Partial<Sending> = {}): Sending {
  return {
    ...sendingTo(ANN, content, more),
    to: { kind: 'new_group', participants: [ANN, BEN], name: 'Crew' },
  };
}

describe('a plain text with the bridge', () => {
  it('a text to an existing chat is sent with the attempt id as the guid of the message', async () => {
    const { sender, requests } = withBridge();
    const sending = text(ANN);
    const outcome = await sender.send(sending);
    expect(outcome).toEqual({ kind: 'accepted', guid: sending.attemptId, chat: CHAT });
    const parameters = { to: ANN, service: 'imessage', text: 'Hello', attempt_id: sending.attemptId };
    expect(requests()).toEqual([{ method: 'send.tracked', parameters }]);
  });

  it.each(['iMessage;+;chat123456', 'any;+;chat123456'])(
    'a text to the group %s is tracked',
    async (group) => {
      const { sender, requests } = withBridge();
      const sending = text(group);
      expect(await sender.send(sending)).toEqual({ kind: 'accepted', guid: sending.attemptId, chat: group });
      const parameters = { chat_guid: group, text: 'Hello', attempt_id: sending.attemptId };
      expect(requests()).toEqual([{ method: 'send.tracked', parameters }]);
    },
  );

  it('5,000 characters with line separators and emoji arrive unchanged', async () => {
    const { sender, requests } = withBridge();
    const words = `first\n\u2028\u2029"quoted" \\ 👩‍👩‍👧 ${'é👋🏽'.repeat(1_000)}`.slice(0, 5_000);
    await sender.send(text(ANN, words));
    expect(requests()[0]?.parameters).toMatchObject({ text: words });
  });

  it('a text to a contact without a chat is sent untracked', async () => {
    const { sender, requests } = withBridge();
    expect(await sender.send(text(BEN))).toEqual(acceptedTo(BEN, 1));
    expect(requests().map(({ method }) => method)).toEqual(['send.tracked', 'send']);
    // Now there is a chat.
    const second = text(BEN);
    expect(await sender.send(second)).toMatchObject({ kind: 'accepted', guid: second.attemptId });
  });

  it('an attempt id that was sent before is not sent again', async () => {
    const { sender, requests } = withBridge();
    const sending = text(ANN);
    await sender.send(sending);
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', guid: sending.attemptId });
    expect(requests().map(({ method }) => method)).toEqual(['send.tracked', 'send.tracked']);
  });

  it('a tracked text with an unknown outcome is not sent a second time', async () => {
    const { sender, behave, requests } = withBridge();
    behave('send.tracked', 'outcome unknown');
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'unknown' });
    expect(requests()).toHaveLength(1);
  });

  it('texts are sent without tracking while imsg cannot read chat.db', async () => {
    const { sender, requests } = withBridge({ hasDatabase: false });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted' });
    expect(requests().map(({ method }) => method)).toEqual(['send']);
  });

  it('a bridge that ended after the last probe is replaced by AppleScript', async () => {
    const { sender, set, requests } = withBridge();
    await sender.probe();
    set({ bridge: 'not started' });
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted', guid: 'GUID-1', chat: CHAT });
    expect(requests().map(({ method }) => method)).toEqual(['send.tracked', 'send']);
  });

  it('a bridge that does not respond is not used', async () => {
    const { sender, requests } = withBridge({ bridge: 'not answering' });
    expect(await sender.send(text(ANN))).toEqual({ kind: 'accepted', guid: 'GUID-1', chat: CHAT });
    const parameters = { to: ANN, service: 'imessage', text: 'Hello', transport: 'applescript' };
    expect(requests()).toEqual([{ method: 'send', parameters }]);
  });

  it('a file is sent without tracking', async () => {
    const { sender, requests } = withBridge();
    expect(await sender.send(file(ANN, '/tmp/a.jpg'))).toEqual({
      kind: 'accepted',
      guid: 'GUID-1',
      chat: CHAT,
    });
    const parameters = { to: ANN, service: 'imessage', file: '/tmp/a.jpg' };
    expect(requests()).toEqual([{ method: 'send', parameters }]);
  });
});

describe('a reply, an effect, a subject or a voice note', () => {
  /** For tests that do not affect each other. */
  const shared = startImsg(BRIDGE);
  afterAll(shared.close);

  it.each<[string, Sending, string, Record<string, unknown>]>([
    [
      'text as a reply',
      text(ANN, 'Yes', { replyTo: REPLY }),
      'send.rich',
      { chat_identifier: ANN, text: 'Yes', reply_to: '3A5E-ORIGINAL', part_index: 1 },
    ],
    [
      'text with effect and subject in a group',
      text(GROUP, 'Boo', { effect: 'slam', subject: 'Hi' }),
      'send.rich',
      {
        chat_guid: GROUP,
        text: 'Boo',
        effect_id: 'com.apple.MobileSMS.expressivesend.impact',
        subject: 'Hi',
      },
    ],
    [
      'file as a reply',
      file(ANN, '/tmp/a.jpg', { replyTo: REPLY }),
      'send.attachment',
      { chat_identifier: ANN, file: '/tmp/a.jpg', reply_to: '3A5E-ORIGINAL', part_index: 1 },
    ],
    [
      'file with an effect',
      file(ANN, '/tmp/a.jpg', { effect: 'lasers' }),
      'send.rich',
      { chat_identifier: ANN, file: '/tmp/a.jpg', effect_id: 'com.apple.messages.effect.CKLasersEffect' },
    ],
    [
      'voice note',
      file(GROUP, '/tmp/a.m4a', { isVoiceNote: true }),
      'send.attachment',
      { chat_guid: GROUP, file: '/tmp/a.m4a', audio: true },
    ],
  ])('a %s is sent through the bridge', async (_, sending, method, parameters) => {
    const chat = sending.to.kind === 'group' ? GROUP : CHAT;
    expect(await shared.sender.send(sending)).toEqual({
      kind: 'accepted',
      guid: expect.stringMatching(/^GUID-/),
      chat,
    });
    expect(shared.requests().at(-1)).toEqual({ method, parameters });
  });

  it('every effect has an id that imsg accepts', async () => {
    const before = shared.requests().length;
    for (const effect of EFFECTS) await shared.sender.send(text(ANN, 'Hi', { effect }));
    const requests = shared.requests().slice(before);
    expect(requests.map(({ parameters }) => parameters.effect_id)).toEqual(EFFECTS.map(effectId));
  });

  it('a contact without a chat gets one first', async () => {
    const { sender, requests } = withBridge();
    const chat = `iMessage;-;${BEN}`;
    const outcome = await sender.send(text(BEN, 'Hi', { effect: 'echo' }));
    expect(outcome).toEqual({ kind: 'accepted', guid: 'GUID-2', chat });
    const echo = { text: 'Hi', effect_id: 'com.apple.messages.effect.CKEchoEffect' };
    expect(requests()).toEqual([
      { method: 'send.rich', parameters: { chat_identifier: BEN, ...echo } },
      { method: 'chats.create', parameters: { addresses: [BEN] } },
      { method: 'send.rich', parameters: { chat_guid: chat, ...echo } },
    ]);
  });

  it('a contact without iMessage gets no chat, and the message is rejected', async () => {
    const { sender } = withBridge({ handles: { [CID]: 2 } });
    expect(await sender.send(text(CID, 'Hi', { effect: 'echo' }))).toEqual({
      kind: 'rejected',
      code: 'device_error',
      problem: 'imsg: Delivery failed before dispatch: A recipient is not reachable by iMessage.',
    });
  });

  it.each<[string, Sending, string]>([
    [
      'an effect by SMS',
      text(ANN, 'Hi', { service: 'sms', effect: 'echo' }),
      'imsg sends replies, effects, subjects and voice notes by iMessage only.',
    ],
    [
      'a reply by SMS',
      text(ANN, 'Hi', { service: 'sms', replyTo: REPLY }),
      'imsg sends replies, effects, subjects and voice notes by iMessage only.',
    ],
    [
      'a new group for SMS',
      toNewGroup({ kind: 'text', text: 'gm' }, { service: 'sms' }),
      'imsg creates groups of iMessage only.',
    ],
    ['an unknown effect', text(ANN, 'Hi', { effect: 'rainbow' }), "The effect 'rainbow' is unknown."],
    [
      'a voice note without a file',
      text(ANN, 'Hi', { isVoiceNote: true }),
      'A voice note needs an audio file.',
    ],
    [
      'a voice note with an effect',
      file(ANN, '/tmp/a.m4a', { isVoiceNote: true, effect: 'echo' }),
      'imsg sends voice notes without effects and subjects.',
    ],
  ])('%s is rejected as unsupported', async (_, sending, problem) => {
    const before = shared.calls();
    expect(await shared.sender.send(sending)).toEqual({ kind: 'rejected', code: 'unsupported', problem });
    expect(shared.calls()).toEqual(before);
  });

  it('a reply without the bridge is rejected as unsupported', async () => {
    const { sender, calls } = setUpImsg();
    expect(await sender.send(text(ANN, 'Hi', { replyTo: REPLY }))).toEqual({
      kind: 'rejected',
      code: 'unsupported',
      problem: 'imsg does not support at the moment: replies.',
    });
    expect(calls()).toEqual([]);
  });
});

describe('a new group', () => {
  it('a text creates the group', async () => {
    const { sender, requests } = withBridge();
    const outcome = await sender.send(toNewGroup({ kind: 'text', text: 'gm' }));
    expect(outcome).toEqual({
      kind: 'accepted',
      guid: 'GUID-1',
      chat: expect.stringMatching(/^iMessage;\+;chat/),
    });
    const parameters = { addresses: [ANN, BEN], name: 'Crew', text: 'gm' };
    expect(requests()).toEqual([{ method: 'chats.create', parameters }]);
  });

  it.each<[string, Sending, string, Record<string, unknown>]>([
    ['file', toNewGroup({ kind: 'file', path: '/tmp/a.jpg' }), 'send', { file: '/tmp/a.jpg' }],
    [
      'text with a subject',
      toNewGroup({ kind: 'text', text: 'gm' }, { subject: 'Hi' }),
      'send.rich',
      { text: 'gm', subject: 'Hi' },
    ],
    [
      'voice note',
      toNewGroup({ kind: 'file', path: '/tmp/a.m4a' }, { isVoiceNote: true }),
      'send.attachment',
      { file: '/tmp/a.m4a', audio: true },
    ],
  ])('a %s is sent into the created group', async (_, sending, method, parameters) => {
    const { sender, requests } = withBridge();
    const outcome = await sender.send(sending);
    const { chat } = outcome as { chat: string };
    expect(outcome).toEqual({ kind: 'accepted', guid: 'GUID-2', chat });
    expect(requests()).toEqual([
      { method: 'chats.create', parameters: { addresses: [ANN, BEN], name: 'Crew' } },
      { method, parameters: { chat_guid: chat, ...parameters } },
    ]);
  });

  it('a group is not created without the bridge', async () => {
    const { sender, calls } = setUpImsg();
    expect(await sender.send(toNewGroup({ kind: 'text', text: 'gm' }))).toEqual({
      kind: 'rejected',
      code: 'unsupported',
      problem: 'imsg needs its bridge for a new group. Run: imsg launch',
    });
    expect(calls()).toEqual([]);
  });

  it('a creation without a response has an unknown outcome, and no second group is created', async () => {
    const { sender, behave, requests } = withBridge();
    behave('chats.create', 'die');
    expect(await sender.send(toNewGroup({ kind: 'file', path: '/tmp/a.jpg' }))).toMatchObject({
      kind: 'unknown',
    });
    expect(requests()).toHaveLength(1);
  });
});

describe('errors of deliveries', () => {
  it('a send that can still be in flight restarts imsg, and the waiting messages are sent', async () => {
    const { sender, behave, processes } = withBridge();
    behave(GROUP, 'still in flight');
    const outcomes = await Promise.all([text(GROUP), text(ANN), text(BEN)].map((one) => sender.send(one)));
    expect(outcomes).toEqual([
      {
        kind: 'unknown',
        problem: 'imsg: Delivery outcome unknown: The script can still be running.',
      },
      { kind: 'accepted', guid: expect.any(String), chat: CHAT },
      acceptedTo(BEN, 2),
    ]);
    expect(processes()).toBe(2);
  });

  it('an outcome that imsg cannot know does not restart it', async () => {
    const { sender, behave, processes } = withBridge();
    behave(GROUP, 'outcome unknown');
    expect(await sender.send(text(GROUP))).toMatchObject({ kind: 'unknown' });
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted' });
    expect(processes()).toBe(1);
  });

  it.each([
    ['no such chat', 'rejected'],
    ['not started', 'rejected'],
    ['server busy', 'rejected'],
    ['no such method', 'rejected'],
    ['outcome unknown', 'unknown'],
    ['still in flight', 'unknown'],
    ['script failed', 'unknown'],
    ['die', 'unknown'],
  ] as const)('a reply with the error "%s" is %s', async (behaviour, kind) => {
    const { sender, behave } = withBridge();
    behave('send.rich', behaviour);
    expect(await sender.send(text(ANN, 'Hi', { replyTo: REPLY }))).toMatchObject({ kind });
  });

  it('no problem contains the text or the subject of the message', async () => {
    const { sender, behave } = withBridge();
    behave('send.rich', 'quote the text');
    const outcome = await sender.send(text(ANN, 'my secret PIN 4711', { subject: 'Top secret' }));
    expect(outcome).toMatchObject({
      kind: 'unknown',
      problem: expect.stringContaining('AppleScript failed'),
    });
    expect(JSON.stringify(outcome)).not.toMatch(/secret|4711/);
  });
});
