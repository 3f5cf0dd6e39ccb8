/** What the Mac agent reads from chat.db beside plain texts. */
import { randomBytes } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { VINTAGES } from '../support/fake-mac/chat-tables.ts';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { PERSON, pairMac } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const NOW = 'CAST((unixepoch() - 978307200) AS INTEGER) * 1000000000';
const macTime = (at: number) => (at - 978_307_200_000) * 1_000_000;
const DAY_MS = 86_400_000;

describe('the Mac relay agent reads', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2', HOMING_MEDIA_MAX_MB: '1' });
  });
  afterAll(() => homing.dispose());
  afterEach(() => mac.dispose());

  async function running(vintage?: (typeof VINTAGES)[number]) {
    const found = await pairMac(homing, vintage);
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

  it.each(VINTAGES)('attachments, alone and with a text, whatever they are (%s)', async (vintage) => {
    const { received } = await running(vintage);
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
    mac.receive(PERSON, '', { attachments: [heic] });
    const [alone] = await received(1);
    expect(alone.content).toBe('');
    expect((await bytesAt(alone.media_url)).equals(picture)).toBe(true);
    expect((await fetch(alone.media_url)).headers.get('content-type')).toBe('image/heic');
    const files = ['a.pdf', 'b.vcf', 'c'].map((name) => ({ filename: mac.attach(name, picture), name }));
    mac.receive(PERSON, 'three of them', { attachments: [...files, preview] });
    const [several] = await received(2);
    expect(several.content).toBe('three of them');
    expect((await fetch(several.media_url)).headers.get('content-type')).toBe('application/pdf');
    mac.receive(PERSON, 'https://example.com', { attachments: [preview] });
    expect((await received(3))[0]).toMatchObject({ content: 'https://example.com', media_url: null });
  });

  it('an attachment when it has arrived, and other texts meanwhile', async () => {
    const { received } = await running();
    const path = mac.attach('late.jpg', Buffer.from('part'));
    rmSync(path.replace('~', mac.folder));
    const guid = mac.receive(PERSON, 'look', {
      attachments: [{ filename: path, name: 'late.jpg', state: 1 }],
    });
    mac.receive(PERSON, 'are you there?');
    expect((await received(1))[0].content).toBe('are you there?');
    // A restart in between loses nothing.
    await mac.end('SIGKILL');
    mac.start();
    writeFileSync(join(path.replace('~', mac.folder)), 'whole');
    mac.run(`UPDATE attachment SET transfer_state = 5 WHERE guid = 'at_0_${guid}'`);
    const messages = await received(2);
    const late = messages.find(({ content }: { content: string }) => content === 'look');
    expect((await bytesAt(late.media_url)).toString()).toBe('whole');
  });

  it('a message all the same whose attachment the broker will not have', async () => {
    const { received } = await running();
    const filename = mac.attach('huge.mov', Buffer.alloc(1024 * 1024 + 1));
    mac.receive(PERSON, 'a film', { attachments: [{ filename, name: 'huge.mov' }] });
    expect((await received(1))[0]).toMatchObject({ content: 'a film', media_url: null });
    expect(mac.said()).toContain('larger than 1 MB');
  });

  it('attachments after the broker was away', async () => {
    const { received } = await running();
    await homing.stop();
    const filename = mac.attach('a.txt', Buffer.from('kept'));
    mac.receive(PERSON, 'while away', { attachments: [{ filename, name: 'a.txt', type: 'text/plain' }] });
    await homing.restart();
    const [message] = await received(1);
    expect((await bytesAt(message.media_url)).toString()).toBe('kept');
  });

  it('what the owner writes on the phone, and not what the agent sent', async () => {
    const { send, reaches, outbound, inbound } = await running();
    await reaches(await send('by the agent'), 'delivered');
    mac.type(PERSON, 'by hand');
    const unsent = mac.type(PERSON, 'still on its way', { change: { is_sent: 0 } });
    await until('the text', async () => (await outbound()).length === 2);
    mac.change(unsent, 'is_sent = 1');
    await until('the other', async () => (await outbound()).length === 3);
    // Messages may put a row into its chat a moment after it has written it.
    const joined = mac.type(PERSON, 'joined later', { isUnjoined: true });
    mac.receive(PERSON, 'meanwhile');
    await until('the text', async () => (await inbound()).length === 1);
    mac.join(joined);
    await until('the third', async () => (await outbound()).length === 4);
    expect(
      (await outbound()).map(({ content, status, to }: Record<string, string>) => [content, status, to]),
    ).toEqual([
      ['joined later', 'sent', PERSON],
      ['still on its way', 'sent', PERSON],
      ['by hand', 'sent', PERSON],
      ['by the agent', 'delivered', PERSON],
    ]);
  });

  it('reactions, which belong to the message they are about', async () => {
    const { received, steps, send, reaches } = await running();
    const guid = mac.receive(PERSON, 'shall we?');
    const [message] = await received(1);
    const react = (type: number, target: string, more: Record<string, string | number> = {}) =>
      mac.receive(PERSON, 'Loved “shall we?”', {
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
      { from: PERSON, reaction: 'love' },
      { from: PERSON, reaction: 'love', removed: true },
      { from: PERSON, reaction: '🦊' },
    ]);
    const sent = await send('liked?');
    await reaches(sent, 'delivered');
    react(2001, `p:0/${mac.lastGuid()}`);
    await until('the like', async () =>
      (await steps(sent)).some(({ detail }) => detail?.reaction === 'like'),
    );
    expect(await received(1)).toHaveLength(1);
  });

  it('edits and retractions', async () => {
    const { received, inbound } = await running();
    const guid = mac.receive(PERSON, 'at nine');
    await received(1);
    mac.change(guid, `text = 'at ten', date_edited = ${NOW}`);
    await until('the new words', async () => (await inbound())[0].content === 'at ten');
    mac.change(guid, `text = '', attributedBody = NULL, date_retracted = ${NOW}`);
    await until('nothing left', async () => (await inbound())[0].content === '');
    expect(await inbound()).toHaveLength(1);
  });

  it('texts of groups, each from who wrote it', async () => {
    const { received, steps } = await running();
    const group = { guid: 'iMessage;+;chat123', name: 'Family' };
    mac.receive(PERSON, 'hi all', { group });
    mac.receive('aunt@example.com', 'hello', { group, change: { thread_originator_guid: 'ABC' } });
    const messages = await received(2);
    expect(messages.map(({ from }: { from: string }) => from)).toEqual(['aunt@example.com', PERSON]);
    const [{ detail }] = await steps(messages[0].id);
    expect(detail).toMatchObject({ chat: group.guid, chat_name: 'Family', reply_to: 'ABC' });
  });

  it('short codes, e-mail addresses and SMS', async () => {
    const { received } = await running();
    mac.receive('72727', 'Your code is 1234', { service: 'SMS' });
    mac.receive('Someone@Example.com', 'by mail');
    const froms = (await received(2)).map(({ from }: { from: string }) => from);
    expect(froms).toEqual(['someone@example.com', '72727']);
  });

  it('nothing that iCloud brings back, and marks what comes late', async () => {
    const { received, steps } = await running();
    const from = (ago: number) => ({ change: { date: macTime(Date.now() - ago) } });
    const isLate = async (id: string) => (await steps(id))[0].detail.late === true;
    mac.receive(PERSON, 'from last month', from(30 * DAY_MS));
    mac.receive(PERSON, 'from an hour before the pairing', from(DAY_MS / 24));
    const [earlier] = await received(1);
    expect(earlier.content).toBe('from an hour before the pairing');
    expect(await isLate(earlier.id)).toBe(true);
    // As if the Mac had been paired long ago.
    await mac.end();
    mac.journal("UPDATE marks SET value = 0 WHERE name = 'paired_at'");
    mac.start();
    mac.receive(PERSON, 'from last month, too', from(30 * DAY_MS));
    mac.receive(PERSON, 'from an hour ago', from(DAY_MS / 24));
    mac.receive(PERSON, 'from two days ago', from(2 * DAY_MS));
    const [old, recent] = await received(3);
    expect([old.content, recent.content]).toEqual(['from two days ago', 'from an hour ago']);
    expect([await isLate(old.id), await isLate(recent.id)]).toEqual([true, false]);
  });

  it('nothing differently on a Mac whose clock is wrong', async () => {
    const { mac: first, inbound, send, reaches } = await pairMac(homing);
    mac = first;
    // A year ahead: to its clock, every text that comes in is a year old.
    mac.start({ clockAheadMs: 365 * DAY_MS });
    await reaches(await send('out'), 'delivered');
    mac.receive(PERSON, 'in');
    await until('the text', async () => (await inbound()).length === 1);
    await mac.end();
    mac.start({ clockAheadMs: -365 * DAY_MS });
    mac.receive(PERSON, 'in again');
    await until('the other', async () => (await inbound()).length === 2);
    await reaches(await send('out again'), 'delivered');
  });

  it('everything that comes in while the clock is set forward by a year', async () => {
    const { mac: found, connected, inbound } = await pairMac(homing);
    mac = found;
    mac.start({ clockAheadMs: 1, env: { CLOCK_YEAR_AFTER_MS: '1500' } });
    await connected();
    // Two a second, before, while and after: each look could take the next for a year old.
    for (let text = 1; text <= 10; text += 1) {
      mac.receive(PERSON, `text ${text}`);
      await wait(500);
    }
    await until('all of them', async () => (await inbound()).length === 10);
  });

  it('a text once that has two rows after a sync', async () => {
    const { received, inbound } = await running();
    const guid = mac.receive(PERSON, 'only once');
    await received(1);
    await mac.end();
    mac.run('UPDATE message SET ROWID = ROWID + 100 WHERE guid = ?', guid);
    mac.run('UPDATE chat_message_join SET message_id = message_id + 100');
    mac.start();
    mac.receive(PERSON, 'another');
    expect((await received(2)).map(({ content }: { content: string }) => content)).toEqual([
      'another',
      'only once',
    ]);
    expect(await inbound()).toHaveLength(2);
  });
});
