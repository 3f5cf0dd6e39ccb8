/** Tests `homing relay import`, which adds old messages of the Mac to the broker's history. */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { FakeMac } from '../support/fake-mac/fake-mac.ts';
import { pairMac, RECIPIENT } from '../support/fake-mac/paired-mac.ts';
import { type HomingProcess, startHoming } from '../support/homing-process.ts';
import { until } from '../support/until.ts';

const macTime = (at: number) => (at - 978_307_200_000) * 1_000_000;
const DAY_MS = 86_400_000;

describe('an import', () => {
  let homing: HomingProcess;
  let mac: FakeMac;
  beforeAll(async () => {
    homing = await startHoming({ HOMING_LEASE_SECONDS: '2' });
  });
  afterAll(() => homing.dispose());
  afterEach(() => mac.dispose());

  async function paired() {
    const found = await pairMac(homing);
    mac = found.mac;
    const day = (ago: number) => macTime(Date.now() - ago * DAY_MS);
    return { ...found, day };
  }

  it('the import keeps both directions and their times, and skips messages before --since', async () => {
    const { inbound, outbound, day } = await paired();
    mac.receive(RECIPIENT, 'too old', { change: { date: day(40) } });
    mac.receive(RECIPIENT, 'question', { change: { date: day(20) } });
    mac.type(RECIPIENT, 'answer', { change: { date: day(19), is_sent: 1, date_delivered: day(19) } });
    mac.type(RECIPIENT, 'lost', { change: { date: day(18), error: 22 } });
    mac.receive(RECIPIENT, '', { change: { date: day(17), item_type: 1 } });
    mac.receive(RECIPIENT, '', { change: { date: day(16), subject: 'only a subject' } });
    const { status, stdout, stderr } = await mac.relay('import', '--since', '30d', '--json');
    expect([status, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({ read: 5, stored: 4, known: 0, skipped: 1 });
    const [subject, question] = await inbound();
    expect(subject).toMatchObject({ content: '', subject: 'only a subject' });
    expect(question).toMatchObject({ content: 'question', status: 'received', from: RECIPIENT });
    expect(Math.abs(Date.parse(question.created_at) - (Date.now() - 20 * DAY_MS))).toBeLessThan(60_000);
    expect(
      (await outbound()).map(({ content, status }: Record<string, string>) => [content, status]),
    ).toEqual([
      ['lost', 'failed'],
      ['answer', 'delivered'],
    ]);
  });

  it('the import keeps reactions, replies, versions and the changes of groups', async () => {
    const { inbound, client, message, number, day } = await paired();
    const at = (ago: number, change: Record<string, string | number> = {}) => ({
      change: { date: day(ago), ...change },
    });
    const question = mac.receive(RECIPIENT, 'dinner?', at(9));
    mac.edit(question, 'dinner at nine?', Date.now() - 8.9 * DAY_MS);
    mac.edit(question, 'dinner at ten?', Date.now() - 8.8 * DAY_MS);
    mac.type(RECIPIENT, 'yes', at(8, { is_sent: 1, thread_originator_guid: question, subject: 'Re:' }));
    const love = { associated_message_type: 2000, associated_message_guid: `p:0/${question}` };
    mac.type(RECIPIENT, 'Loved “dinner?”', at(8, { is_sent: 1, ...love }));
    mac.unsend(mac.receive(RECIPIENT, 'oops', at(7)), Date.now() - 7 * DAY_MS);
    const group = { guid: 'any;+;chat1', name: 'Friends', participants: [RECIPIENT, 'bob@example.com'] };
    mac.receive(RECIPIENT, 'hi all', { group, ...at(6) });
    mac.receive(RECIPIENT, '', { group, ...at(5, { item_type: 2, group_title: 'Old friends' }) });
    mac.receive(RECIPIENT, '', { group, ...at(5, { item_type: 3, group_action_type: 1 }) });
    mac.receive('bob@example.com', '', { group, ...at(4, { item_type: 3 }) });
    const { stdout } = await mac.relay('import', '--since', '30d', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ read: 8, stored: 3, known: 0, changes: 3, skipped: 2 });
    const [{ id }] = (await inbound()).filter(({ content }: { content: string }) =>
      content.includes('dinner'),
    );
    const imported = await message(id);
    expect(imported).toMatchObject({
      content: 'dinner at ten?',
      edits: [{ content: 'dinner?' }, { content: 'dinner at nine?' }, { content: 'dinner at ten?' }],
      reactions: [{ reaction: 'love', direction: 'outbound', part: 0 }],
    });
    const { conversations } = (
      await client.get(`/v1/conversations?phone_number=${encodeURIComponent(number)}`)
    ).body;
    const [friends] = conversations.filter(({ is_group }: { is_group: boolean }) => is_group);
    expect(friends).toMatchObject({ name: 'Old friends', participants: [RECIPIENT], unread_count: 0 });
    const { changes } = (await client.get(`/v1/conversations/${friends.id}`)).body;
    expect(changes.map(({ kind }: { kind: string }) => kind).toReversed()).toEqual(['named', 'left']);
    const again = JSON.parse((await mac.relay('import', '--since', '30d', '--json')).stdout);
    expect(again).toMatchObject({ stored: 0, known: 3, changes: 3, skipped: 2 });
    expect(await message(id)).toEqual(imported);
  });

  it('a second import beside a running agent changes nothing', async () => {
    const { inbound, connected } = await paired();
    mac.fill(700);
    mac.start();
    await connected();
    mac.receive(RECIPIENT, 'news');
    await until('the news', async () => (await inbound()).length === 1);
    const first = JSON.parse((await mac.relay('import', '--since', 'all', '--json')).stdout);
    expect(first).toMatchObject({ read: 701, stored: 700, known: 1 });
    const second = JSON.parse((await mac.relay('import', '--since', 'all', '--json')).stdout);
    expect(second).toMatchObject({ read: 701, stored: 0, known: 701 });
    // New messages come before the history.
    expect((await inbound())[0].content).toBe('news');
    expect(mac.isRunning()).toBe(true);
  });

  it('an interrupted import resumes from its progress', async () => {
    const { client, number } = await paired();
    mac.fill(6_000);
    const progress = join(mac.folder, 'relay/import.json');
    const running = mac.relay('import', '--since', 'all');
    await until(
      'some progress',
      () => existsSync(progress) && JSON.parse(readFileSync(progress, 'utf8')).read > 0,
    );
    mac.killCommand();
    await running;
    const { read } = JSON.parse(readFileSync(progress, 'utf8'));
    expect(read).toBeLessThan(6_000);
    const { stdout, stderr } = await mac.relay('import', '--since', 'all', '--json');
    expect(stderr).toContain(`Continuing after ${read.toLocaleString('en-US')} messages`);
    const done = JSON.parse(stdout);
    expect(done.read).toBe(6_000);
    // The broker already knows the batch whose response was lost.
    expect(done.stored + done.known).toBe(6_000);
    const page = await client.get(`/v1/messages?to=${encodeURIComponent(number)}&limit=1`);
    expect(page.body.messages[0].content).toBe('old message 5998');
  });

  it('the import retries while the broker is unreachable', async () => {
    await paired();
    mac.fill(50);
    await homing.stop();
    const running = mac.relay('import', '--since', 'all', '--json');
    const wasAway = until('the broker to be started again', () => homing.restart().then(() => true));
    const [{ stdout, status }] = await Promise.all([running, wasAway]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ stored: 50 });
  });

  it('attachments are uploaded only on request, and listed otherwise', async () => {
    const { inbound, day } = await paired();
    const bytes = randomBytes(1_000);
    const filename = mac.attach('cat.png', bytes);
    const attachments = [{ filename, name: 'cat.png', type: 'image/png' }];
    mac.receive(RECIPIENT, 'a cat', { attachments, change: { date: day(1) } });
    await mac.relay('import', '--since', '7d', '--attachments');
    const [cat] = await inbound();
    expect(Buffer.from(await (await fetch(cat.media_url)).arrayBuffer()).equals(bytes)).toBe(true);
    mac.receive(RECIPIENT, 'another', { attachments, change: { date: day(1) } });
    await mac.relay('import', '--since', '7d');
    expect(
      (await inbound()).map(({ media_url }: { media_url: string | null }) => media_url === null),
    ).toEqual(expect.arrayContaining([true, false]));
  });

  it.each([['yesterday'], ['2999-01-01'], ['30'], ['-1d']])('--since %s is rejected', async (since) => {
    await paired();
    const { status, stderr } = await mac.relay('import', `--since=${since}`);
    expect(status).toBe(2);
    expect(stderr).toContain(`--since was given '${since}'`);
  });

  it('the import reports an empty range and an invalid token', async () => {
    await paired();
    expect((await mac.relay('import', '--since', '1d')).stderr).toContain(
      'This Mac has no messages in that period',
    );
    mac.fill(1);
    const file = join(mac.folder, 'token.txt');
    writeFileSync(file, 'dev_wrong\n');
    const { status, stderr } = await mac.relay('import', '--since', '1d', '--token-file', file);
    expect(status).toBe(1);
    expect(stderr).toContain('Invalid or missing device token. The broker keeps the imported messages');
  });
});
