import { afterEach, describe, expect, it } from 'vitest';
import type { Recipient, Sending } from '../../../relay-agent/senders/sender.ts';
import { EFFECTS, effectId } from '../../../shared/effects.ts';
import {
  blueBubbles,
  cleanUp,
  GROUP,
  MEMBERS,
  PRIVATE_API,
  temporaryFile,
} from '../../support/fake-mac/bluebubbles-sender.ts';
import { sendingTo } from '../../support/fake-mac/sendings.ts';

const ANN = '+14155550101';
const CHAT = `iMessage;-;${ANN}`;
const TARGET = { guid: '3F2C0F5E-1111-4C3B-9A45-0123456789AB', part: 2 };
const someGuid = expect.stringMatching(/^[\dA-F-]{36}$/);

afterEach(cleanUp);

function text(to: string, more: Partial<Sending> = {}, words = 'Hello'): Sending {
  return sendingTo(to, { kind: 'text', text: words }, more);
}

function file(to: string, more: Partial<Sending> = {}): Sending {
  return sendingTo(to, { kind: 'file', path: temporaryFile('note.caf', 'sound') }, more);
}

function newGroup(to: Partial<Recipient & { kind: 'new_group' }>, content?: Sending['content']): Sending {
  const recipient: Recipient = { kind: 'new_group', participants: MEMBERS, name: undefined, ...to };
  return { ...text(GROUP), to: recipient, content: content ?? { kind: 'text', text: 'Welcome' } };
}

describe('messages by the Private API of BlueBubbles', () => {
  it('a text is sent to the existing chat, and the outcome has the guid of the message', async () => {
    const { sender, addChat, messages, actions } = await blueBubbles(PRIVATE_API);
    addChat(CHAT);
    const sending = text(ANN);
    const outcome = await sender.send(sending);
    expect(outcome).toEqual({ kind: 'accepted', chat: CHAT, guid: someGuid });
    expect([...messages.messages]).toEqual([[Object(outcome).guid, CHAT]]);
    expect(actions()).toEqual([
      {
        endpoint: 'POST message/text',
        body: { chatGuid: CHAT, message: 'Hello', tempGuid: sending.attemptId, method: 'private-api' },
      },
    ]);
  });

  it('a text has its reply, effect and subject', async () => {
    const { sender, actions } = await blueBubbles(PRIVATE_API);
    const sending = text(GROUP, { replyTo: TARGET, effect: 'slam', subject: 'Über uns' });
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', chat: GROUP, guid: someGuid });
    expect(actions()).toEqual([
      {
        endpoint: 'POST message/text',
        body: {
          chatGuid: GROUP,
          message: 'Hello',
          tempGuid: sending.attemptId,
          method: 'private-api',
          selectedMessageGuid: TARGET.guid,
          partIndex: 2,
          effectId: 'com.apple.MobileSMS.expressivesend.impact',
          subject: 'Über uns',
        },
      },
    ]);
  });

  it('each effect is sent by its id, and an unknown effect is rejected', async () => {
    const { sender, actions } = await blueBubbles(PRIVATE_API);
    for (const effect of EFFECTS) await sender.send(text(GROUP, { effect }));
    expect(actions().map(({ body }) => body.effectId)).toEqual(EFFECTS.map(effectId));
    expect(await sender.send(text(GROUP, { effect: 'glitter' }))).toEqual({
      kind: 'rejected',
      code: 'unsupported',
      problem: "BlueBubbles has no effect with the name 'glitter'.",
    });
    expect(actions()).toHaveLength(EFFECTS.length);
  });

  it('a voice note is sent with its reply', async () => {
    const { sender, addChat, actions } = await blueBubbles(PRIVATE_API);
    addChat(CHAT);
    const sending = file(ANN, { isVoiceNote: true, replyTo: { guid: TARGET.guid, part: 0 } });
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', chat: CHAT, guid: someGuid });
    expect(actions()).toEqual([
      {
        endpoint: 'POST message/attachment',
        body: {
          chatGuid: CHAT,
          name: 'note.caf',
          tempGuid: sending.attemptId,
          method: 'private-api',
          isAudioMessage: 'true',
          selectedMessageGuid: TARGET.guid,
          partIndex: '0',
        },
        file: { name: 'note.caf', content: 'sound' },
      },
    ]);
  });

  it('on macOS 26, the chat with the prefix any is found by the first lookup', async () => {
    const { sender, addChat, endpoints } = await blueBubbles({ ...PRIVATE_API, macos: '26.0' });
    addChat(`any;-;${ANN}`);
    addChat('any;+;6f1c0a7e', MEMBERS);
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted', chat: `any;-;${ANN}` });
    expect(await sender.send(text('any;+;6f1c0a7e'))).toMatchObject({ kind: 'accepted' });
    expect(endpoints().slice(1)).toEqual([
      `GET chat/any;-;${ANN}`,
      'POST message/text',
      'GET chat/any;+;6f1c0a7e',
      'POST message/text',
    ]);
  });

  it('a person without a chat gets a new chat with the text, its effect and its subject', async () => {
    const { sender, actions } = await blueBubbles({ ...PRIVATE_API, macos: '26.0' });
    const sending = text(ANN, { effect: 'confetti', subject: 'News' });
    const chat = `any;-;${ANN}`;
    expect(await sender.send(sending)).toEqual({ kind: 'accepted', chat, guid: someGuid });
    expect(actions()).toEqual([
      {
        endpoint: 'POST chat/new',
        body: {
          addresses: [ANN],
          message: 'Hello',
          service: 'iMessage',
          tempGuid: sending.attemptId,
          method: 'private-api',
          effectId: 'com.apple.messages.effect.CKConfettiEffect',
          subject: 'News',
        },
      },
    ]);
  });

  it('a file for a person without a chat is sent by AppleScript, but not as a voice note or a reply', async () => {
    const { sender, actions } = await blueBubbles(PRIVATE_API);
    expect(await sender.send(file(ANN))).toEqual({ kind: 'accepted' });
    expect(actions()).toMatchObject([{ body: { chatGuid: CHAT, method: 'apple-script', name: 'note.caf' } }]);
    const other = '+14155550102';
    expect(await sender.send(file(other, { isVoiceNote: true }))).toMatchObject({
      kind: 'rejected',
      code: 'unsupported',
      problem: expect.stringContaining('only to an existing chat'),
    });
    expect(await sender.send(file(other, { replyTo: TARGET }))).toMatchObject({ kind: 'rejected' });
    expect(await sender.send(text(other, { replyTo: TARGET }))).toMatchObject({ kind: 'rejected' });
    expect(actions()).toHaveLength(1);
  });

  it('on macOS 26, a file for a person without a chat is sent to the handle with an unknown outcome', async () => {
    const { sender, messages } = await blueBubbles({ ...PRIVATE_API, macos: '26.0' });
    expect(await sender.send(file(ANN))).toMatchObject({ kind: 'unknown' });
    expect([...messages.messages.values()]).toEqual([`any;-;${ANN}`]);
  });

  it('a chat that the helper does not know and a handle without iMessage are rejected', async () => {
    const { sender, behave, messages, addChat } = await blueBubbles(PRIVATE_API);
    behave('GET chat/any;+;chat1', { kind: 'json', body: { status: 200, data: {} } });
    const problem = 'BlueBubbles returned status 500: ';
    const outcome = { kind: 'rejected', code: 'device_error' };
    expect(await sender.send(text('any;+;chat1'))).toEqual({
      ...outcome,
      problem: `${problem}Chat does not exist in IMChatRegistry!`,
    });
    messages.onIMessage.add('ben@example.com');
    expect(await sender.send(text(ANN))).toEqual({
      ...outcome,
      problem: `${problem}Failed to find all handles for specified service!`,
    });
    addChat(CHAT);
    expect(await sender.send(text(ANN))).toMatchObject({ kind: 'accepted' });
  });

  it('a message with a temporary guid that the server is sending has an unknown outcome', async () => {
    const { sender, sendCache } = await blueBubbles(PRIVATE_API);
    for (const sending of [text(GROUP), file(GROUP)]) {
      sendCache.add(sending.attemptId);
      expect(await sender.send(sending)).toMatchObject({
        kind: 'unknown',
        problem: expect.stringContaining('already queued'),
      });
    }
  });

  it('a server error after the send has an unknown outcome', async () => {
    const { sender, behave } = await blueBubbles(PRIVATE_API);
    const messages = [
      'Transaction timeout',
      'Failed to send message! Message not found in database after 60 seconds!',
      'Message failed to send! iMessage Private API is not enabled!',
    ];
    for (const message of messages) {
      behave('POST message/text', { kind: 'error', status: 500, message });
      expect(await sender.send(text(GROUP))).toEqual({
        kind: 'unknown',
        problem: `BlueBubbles returned status 500: ${message}`,
      });
    }
  });
});

describe('new groups by the Private API of BlueBubbles', () => {
  it('a group is created with its first text, and then gets its name', async () => {
    const { sender, messages, actions } = await blueBubbles({ ...PRIVATE_API, macos: '26.0' });
    const sending = newGroup({ name: 'Ausflug 🚲' });
    const outcome = await sender.send(sending);
    const chat = expect.stringMatching(/^any;\+;chat\d+$/);
    expect(outcome).toEqual({ kind: 'accepted', chat, guid: someGuid });
    expect(actions()).toEqual([
      {
        endpoint: 'POST chat/new',
        body: {
          addresses: MEMBERS,
          message: 'Welcome',
          service: 'iMessage',
          tempGuid: sending.attemptId,
          method: 'private-api',
        },
      },
      { endpoint: `PUT chat/${Object(outcome).chat}`, body: { displayName: 'Ausflug 🚲' } },
    ]);
    expect(messages.chats.get(Object(outcome).chat)).toEqual({ name: 'Ausflug 🚲', participants: MEMBERS });
  });

  it('a group without a name causes one request', async () => {
    const { sender, actions } = await blueBubbles(PRIVATE_API);
    expect(await sender.send(newGroup({}))).toMatchObject({ kind: 'accepted' });
    expect(actions()).toHaveLength(1);
  });

  it('a failed rename of a new group is reported, and the message stays accepted', async () => {
    const { sender, behave, problems } = await blueBubbles(PRIVATE_API);
    behave('PUT chat/', { kind: 'error', status: 500, message: 'Operation took longer than 30 seconds!' });
    expect(await sender.send(newGroup({ name: 'Trip' }))).toMatchObject({ kind: 'accepted' });
    expect(problems).toEqual([
      'The new group has no name. BlueBubbles returned status 500: Operation took longer than 30 seconds!',
    ]);
  });

  it('a message that needs the Private API is rejected without it, before any request that sends', async () => {
    const { sender, actions } = await blueBubbles();
    const unsupported = { kind: 'rejected', code: 'unsupported' };
    for (const sending of [
      newGroup({}),
      text(GROUP, { subject: 'News' }),
      text(GROUP, { effect: 'slam' }),
      text(GROUP, { replyTo: TARGET }),
      file(GROUP, { isVoiceNote: true }),
    ]) {
      const outcome = await sender.send(sending);
      expect(outcome).toMatchObject(unsupported);
      expect(outcome).toMatchObject({ problem: expect.stringContaining('Enable the Private API') });
    }
    expect(actions()).toEqual([]);
  });

  it('a new group with a file, a reply or an unsafe participant is rejected', async () => {
    const { sender, actions } = await blueBubbles(PRIVATE_API);
    const content: Sending['content'] = { kind: 'file', path: temporaryFile('a.jpg') };
    const rejection = { kind: 'rejected', code: 'unsupported' };
    expect(await sender.send(newGroup({}, content))).toMatchObject({
      ...rejection,
      problem: 'BlueBubbles creates a group only with a text. Send the file to the group after the text.',
    });
    expect(await sender.send({ ...newGroup({}), replyTo: TARGET })).toMatchObject(rejection);
    expect(await sender.send(newGroup({ participants: [ANN, '$(true)'] }))).toMatchObject({
      kind: 'rejected',
    });
    expect(actions()).toEqual([]);
  });
});
