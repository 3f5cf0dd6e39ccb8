/** Tests inbound messages other than plain texts, read from chat.db. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { bodyOf } from '../support/fake-mac/edits.ts';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { MACOS_VERSIONS } from '../support/fake-mac/message-columns.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const NOW = 'CAST((unixepoch() - 978307200) AS INTEGER) * 1000000000';
const macTime = (at: number) => (at - 978_307_200_000) * 1_000_000;
const DAY_MS = 86_400_000;

describe('inbound messages on the Mac', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2', HOMING_MEDIA_MAX_MB: '1' });
  });
  afterAll(() => homing.dispose());
  afterEach(() => mac.dispose());

  async function running(macosVersion?: (typeof MACOS_VERSIONS)[number]) {
    const found = await pairMac(homing, macosVersion);
    mac = found.mac;
    mac.start();
    await found.connected();
    const received = (count: number) =>
      until(
        `${count} messages`,
        async () => {
          const messages = await found.inbound();
          return messages.length === count && messages;
        },
        20_000,
      );
    return { ...found, received };
  }
  const bytesAt = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer());

  it('the agent ends when chat.db is replaced, and the next start reads the new file', async () => {
    const { received, connected } = await running();
    for (const text of ['one', 'two', 'three']) mac.receive(RECIPIENT, text);
    await received(3);
    mac.replaceChat();
    await until('the agent to end', () => !mac.isRunning());
    expect(await mac.end()).toBe(1);
    expect(mac.stderr()).toContain('chat.db was replaced, such as by a backup. Start the agent again');
    mac.receive(RECIPIENT, 'four');
    mac.start();
    await connected();
    mac.receive(RECIPIENT, 'five');
    const messages = await received(5);
    expect(messages.map(({ content }: { content: string }) => content).toReversed()).toEqual([
      ...['one', 'two', 'three', 'four', 'five'],
    ]);
  });

  it.each(MACOS_VERSIONS)(
    'attachments of every type are reported, with and without a text (%s)',
    async (macosVersion) => {
      const { received } = await running(macosVersion);
      const picture = randomBytes(200_000);
      const heic = {
        filename: mac.attach('IMG_0001.HEIC', picture),
        name: 'IMG_0001.HEIC',
        type: 'image/heic',
      };
      const preview = {
        filename: mac.attach('x.pluginPayloadAttachment', picture),
        name: 'x.pluginPayloadAttachment',
        isHidden: true,
      };
      mac.receive(RECIPIENT, '', { attachments: [heic] });
      const [alone] = await received(1);
      expect(alone.content).toBe('');
      expect((await bytesAt(alone.media_url)).equals(picture)).toBe(true);
      expect((await fetch(alone.media_url)).headers.get('content-type')).toBe('image/heic');
      const files = ['a.pdf', 'b.vcf', 'c'].map((name) => ({ filename: mac.attach(name, picture), name }));
      mac.receive(RECIPIENT, 'three of them', { attachments: [...files, preview] });
      const [several] = await received(2);
      expect(several.content).toBe('three of them');
      expect((await fetch(several.media_url)).headers.get('content-type')).toBe('application/pdf');
      mac.receive(RECIPIENT, 'https://example.com', { attachments: [preview] });
      expect((await received(3))[0]).toMatchObject({ content: 'https://example.com', media_url: null });
    },
  );

  it('a message waits for the download of its attachment, and other texts do not', async () => {
    const { received } = await running();
    const path = mac.attach('late.jpg', Buffer.from('part'));
    rmSync(path.replace('~', mac.folder));
    const guid = mac.receive(RECIPIENT, 'look', {
      attachments: [{ filename: path, name: 'late.jpg', state: 1 }],
    });
    mac.receive(RECIPIENT, 'are you there?');
    expect((await received(1))[0].content).toBe('are you there?');
    // A restart during the download loses nothing.
    await mac.end('SIGKILL');
    mac.start();
    writeFileSync(join(path.replace('~', mac.folder)), 'whole');
    mac.run(`UPDATE attachment SET transfer_state = 5 WHERE guid = 'at_0_${guid}'`);
    const messages = await received(2);
    const late = messages.find(({ content }: { content: string }) => content === 'look');
    expect((await bytesAt(late.media_url)).toString()).toBe('whole');
  });

  it('a message is reported without an attachment that the broker rejects', async () => {
    const { received } = await running();
    const filename = mac.attach('huge.mov', Buffer.alloc(1024 * 1024 + 1));
    mac.receive(RECIPIENT, 'a film', { attachments: [{ filename, name: 'huge.mov' }] });
    expect((await received(1))[0]).toMatchObject({ content: 'a film', media_url: null });
    expect(mac.stderr()).toContain('larger than 1 MB');
  });

  it('attachments are uploaded after the broker was unreachable', async () => {
    const { received } = await running();
    await homing.stop();
    const filename = mac.attach('a.txt', Buffer.from('kept'));
    mac.receive(RECIPIENT, 'while away', { attachments: [{ filename, name: 'a.txt', type: 'text/plain' }] });
    await homing.restart();
    const [message] = await received(1);
    expect((await bytesAt(message.media_url)).toString()).toBe('kept');
  });

  it('messages that the owner typed are reported, and those of the agent are not', async () => {
    const { send, reaches, outbound, inbound } = await running();
    await reaches(await send('by the agent'), 'delivered');
    mac.type(RECIPIENT, 'by hand');
    const unsent = mac.type(RECIPIENT, 'still on its way', { change: { is_sent: 0 } });
    await until('the text', async () => (await outbound()).length === 2);
    mac.change(unsent, 'is_sent = 1');
    await until('the second message', async () => (await outbound()).length === 3);
    // Messages may add a row to its chat a moment after it wrote the row.
    const joined = mac.type(RECIPIENT, 'joined later', { isUnjoined: true });
    mac.receive(RECIPIENT, 'meanwhile');
    await until('the text', async () => (await inbound()).length === 1);
    mac.join(joined);
    await until('the third message', async () => (await outbound()).length === 4);
    expect(
      (await outbound()).map(({ content, status, to }: Record<string, string>) => [content, status, to]),
    ).toEqual([
      ['joined later', 'sent', RECIPIENT],
      ['still on its way', 'sent', RECIPIENT],
      ['by hand', 'sent', RECIPIENT],
      ['by the agent', 'delivered', RECIPIENT],
    ]);
  });

  it('reactions are reported with the message that they refer to', async () => {
    const { received, steps, send, reaches } = await running();
    const guid = mac.receive(RECIPIENT, 'shall we?');
    const [message] = await received(1);
    const react = (type: number, target: string, more: Record<string, string | number> = {}) =>
      mac.receive(RECIPIENT, 'Loved “shall we?”', {
        change: { associated_message_type: type, associated_message_guid: target, ...more },
      });
    react(2000, `p:0/${guid}`);
    react(3000, `p:0/${guid}`);
    react(2006, `bp:${guid}`, { associated_message_emoji: '🦊' });
    const reactions = await until('three reactions', async () => {
      const found = (await steps(message.id)).filter(({ step }) => step === 'reaction');
      return found.length === 3 && found.map(({ detail }) => detail);
    });
    expect(reactions).toEqual([
      { from: RECIPIENT, reaction: 'love' },
      { from: RECIPIENT, reaction: 'love', removed: true },
      { from: RECIPIENT, reaction: '🦊' },
    ]);
    const sent = await send('liked?');
    await reaches(sent, 'delivered');
    react(2001, `p:0/${mac.lastGuid()}`);
    await until('the like', async () =>
      (await steps(sent)).some(({ detail }) => detail?.reaction === 'like'),
    );
    expect(await received(1)).toHaveLength(1);
  });

  it.each(MACOS_VERSIONS)('replies, effects, subjects and parts are reported (%s)', async (macosVersion) => {
    const { received, message } = await running(macosVersion);
    const photos = mac.receive(RECIPIENT, 'two photos');
    const [first] = await received(1);
    mac.receive(RECIPIENT, 'the second one', {
      change: {
        subject: 'Holidays',
        thread_originator_guid: photos,
        thread_originator_part: '1:0:1',
        expressive_send_style_id: 'com.apple.messages.effect.CKHappyBirthdayEffect',
      },
    });
    const [reply] = await received(2);
    expect(await message(reply.id)).toMatchObject({
      content: 'the second one',
      subject: 'Holidays',
      effect: 'balloons',
      reply_to: { message_id: first.id, part: 1 },
      service: 'imessage',
    });
    const react = (type: number, more: Record<string, string> = {}) =>
      mac.receive(RECIPIENT, 'Reacted 🥨 to “two photos”', {
        change: { associated_message_type: type, associated_message_guid: `p:1/${photos}`, ...more },
      });
    react(2006, ['macOS 13', 'macOS 14'].includes(macosVersion) ? {} : { associated_message_emoji: '🥨' });
    await until('the reaction', async () => (await message(first.id)).reactions.length === 1);
    expect((await message(first.id)).reactions).toMatchObject([
      { reaction: '🥨', handle: RECIPIENT, direction: 'inbound', part: 1 },
    ]);
    react(3006, ['macOS 13', 'macOS 14'].includes(macosVersion) ? {} : { associated_message_emoji: '🥨' });
    await until('the removal', async () => (await message(first.id)).reactions.length === 0);
  });

  it('voice notes and messages by RCS are reported', async () => {
    const { received, message } = await running();
    const filename = mac.attach('Audio Message.caf', randomBytes(100));
    const attachments = [{ filename, name: 'Audio Message.caf', type: 'audio/x-caf' }];
    mac.receive(RECIPIENT, '', { attachments, change: { is_audio_message: 1 } });
    const [note] = await received(1);
    expect(await message(note.id)).toMatchObject({
      media: [{ name: 'Audio Message.caf' }],
    });
    mac.receive(RECIPIENT, 'by RCS', { service: 'RCS' });
    const [rcs] = await received(2);
    expect(await message(rcs.id)).toMatchObject({ service: 'rcs' });
  });

  it('edits and retractions are reported', async () => {
    const { received, inbound } = await running();
    const guid = mac.receive(RECIPIENT, 'at nine');
    await received(1);
    mac.change(guid, `text = 'at ten', date_edited = ${NOW}`);
    await until('the edited text', async () => (await inbound())[0].content === 'at ten');
    mac.change(guid, `text = '', attributedBody = NULL, date_retracted = ${NOW}`);
    await until('the empty text', async () => (await inbound())[0].content === '');
    expect(await inbound()).toHaveLength(1);
  });

  it.each(['macOS 13', 'macOS 27'] as const)(
    'every version of a message is reported (%s)',
    async (version) => {
      const { received, message, send, reaches } = await running(version);
      const guid = mac.receive(RECIPIENT, 'at nine');
      const [{ id }] = await received(1);
      const now = Date.now();
      mac.edit(guid, 'at ten', now - 2_000);
      mac.edit(guid, 'at eleven', now - 1_000);
      const contents = async () =>
        (await message(id)).edits.map(({ content }: { content: string }) => content);
      await until('both edits', async () => (await contents()).length === 3);
      const edited = await message(id);
      expect(edited).toMatchObject({ content: 'at eleven', edited_at: new Date(now - 1_000).toISOString() });
      expect(edited.edits.slice(1)).toEqual([
        { content: 'at ten', at: new Date(now - 2_000).toISOString() },
        { content: 'at eleven', at: new Date(now - 1_000).toISOString() },
      ]);
      mac.unsend(guid, now);
      await until('the unsent message', async () => (await message(id)).unsent_at !== null);
      expect((await message(id)).unsent_at).toBe(new Date(now).toISOString());
      // The owner edits and unsends a message of the agent on the phone.
      const sent = await send('by the agent');
      await reaches(sent, 'delivered');
      mac.edit(mac.lastGuid(), 'by the owner');
      await until('the edit', async () => (await message(sent)).content === 'by the owner');
      mac.unsend(mac.lastGuid());
      await until('the unsent message', async () => (await message(sent)).unsent_at !== null);
    },
  );

  it('an unsent part is an edit, and a message that was edited before the start keeps its versions', async () => {
    const { received, message } = await running();
    await mac.end();
    const guid = mac.receive(RECIPIENT, '', {
      change: {
        attributedBody: bodyOf([
          { index: 0, text: 'first' },
          { index: 1, text: ' second' },
        ]),
      },
    });
    mac.edit(guid, ' 2nd', Date.now() - 1_000, 1);
    mac.start();
    const [{ id }] = await received(1);
    const versions = async () => (await message(id)).edits.map(({ content }: { content: string }) => content);
    await until('the edit', async () => (await versions()).length === 2);
    expect(await versions()).toEqual(['first second', 'first 2nd']);
    mac.unsend(guid, Date.now(), [0]);
    await until('the unsent part', async () => (await message(id)).content === '2nd');
    expect((await message(id)).unsent_at).toBeNull();
  });

  it('messages that the owner reads on a device are read at the broker', async () => {
    const { received, message, client, number } = await running();
    const first = mac.receive(RECIPIENT, 'one');
    mac.receive(RECIPIENT, 'two');
    const [two, one] = await received(2);
    const unread = async () =>
      (await client.get(`/v1/conversations?phone_number=${encodeURIComponent(number)}`)).body.conversations[0]
        .unread_count;
    await until('two unread messages', async () => (await unread()) === 2);
    const at = Date.now();
    mac.read(first, at);
    await until('one unread message', async () => (await unread()) === 1);
    expect((await message(one.id)).read_at).toBe(new Date(at).toISOString());
    expect((await message(two.id)).read_at).toBeNull();
  });

  it('group messages are reported with their sender', async () => {
    const { received, steps } = await running();
    const group = { guid: 'iMessage;+;chat123', name: 'Family' };
    mac.receive(RECIPIENT, 'hi all', { group });
    mac.receive('aunt@example.com', 'hello', { group, change: { thread_originator_guid: 'ABC' } });
    const messages = await received(2);
    expect(messages.map(({ from }: { from: string }) => from)).toEqual(['aunt@example.com', RECIPIENT]);
    const [{ detail }] = await steps(messages[0].id);
    expect(detail).toMatchObject({ chat: group.guid, chat_name: 'Family', reply_to: 'ABC' });
  });

  it('messages of short codes, e-mail addresses and SMS are reported', async () => {
    const { received } = await running();
    mac.receive('72727', 'Your code is 1234', { service: 'SMS' });
    mac.receive('Someone@Example.com', 'by mail');
    const froms = (await received(2)).map(({ from }: { from: string }) => from);
    expect(froms).toEqual(['someone@example.com', '72727']);
  });

  it('messages restored by iCloud are not reported, and late ones are marked', async () => {
    const { received, steps } = await running();
    const from = (ago: number) => ({ change: { date: macTime(Date.now() - ago) } });
    const isLate = async (id: string) => (await steps(id))[0].detail.late === true;
    mac.receive(RECIPIENT, 'from last month', from(30 * DAY_MS));
    mac.receive(RECIPIENT, 'from an hour before the pairing', from(DAY_MS / 24));
    const [earlier] = await received(1);
    expect(earlier.content).toBe('from an hour before the pairing');
    expect(await isLate(earlier.id)).toBe(true);
    // Simulates a Mac that was paired long ago.
    await mac.end();
    mac.journal("UPDATE marks SET value = 0 WHERE name = 'paired_at'");
    mac.start();
    mac.receive(RECIPIENT, 'from last month, too', from(30 * DAY_MS));
    mac.receive(RECIPIENT, 'from an hour ago', from(DAY_MS / 24));
    mac.receive(RECIPIENT, 'from two days ago', from(2 * DAY_MS));
    const [old, recent] = await received(3);
    expect([old.content, recent.content]).toEqual(['from two days ago', 'from an hour ago']);
    expect([await isLate(old.id), await isLate(recent.id)]).toEqual([true, false]);
  });

  it('a wrong clock of the Mac has no effect', async () => {
    const { mac: first, inbound, send, reaches } = await pairMac(homing);
    mac = first;
    // The clock is a year ahead, so every received text seems to be a year old.
    mac.start({ clockAheadMs: 365 * DAY_MS });
    await reaches(await send('out'), 'delivered');
    mac.receive(RECIPIENT, 'in');
    await until('the text', async () => (await inbound()).length === 1);
    await mac.end();
    mac.start({ clockAheadMs: -365 * DAY_MS });
    mac.receive(RECIPIENT, 'in again');
    await until('the second message', async () => (await inbound()).length === 2);
    await reaches(await send('out again'), 'delivered');
  });

  it('texts received while the clock is set forward by a year are reported', async () => {
    const { mac: found, connected, inbound } = await pairMac(homing);
    mac = found;
    mac.start({ clockAheadMs: 1, env: { CLOCK_YEAR_AFTER_MS: '1500' } });
    await connected();
    // Two texts a second, before, during and after the change: a poll could treat the next text as a year old.
    for (let text = 1; text <= 10; text += 1) {
      mac.receive(RECIPIENT, `text ${text}`);
      await wait(500);
    }
    await until('all texts', async () => (await inbound()).length === 10);
  });

  it('a text with two rows after a sync is reported once', async () => {
    const { received, inbound } = await running();
    const guid = mac.receive(RECIPIENT, 'only once');
    await received(1);
    await mac.end();
    mac.run('UPDATE message SET ROWID = ROWID + 100 WHERE guid = ?', guid);
    mac.run('UPDATE chat_message_join SET message_id = message_id + 100');
    mac.start();
    mac.receive(RECIPIENT, 'another');
    expect((await received(2)).map(({ content }: { content: string }) => content)).toEqual([
      'another',
      'only once',
    ]);
    expect(await inbound()).toHaveLength(2);
  });
});
