/** Tests the items that the agent reports for the rows of chat.db. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InboundReader } from '../../support/fake-mac/inbound-reader.ts';
import { until } from '../../support/until.ts';

const ALICE = '+14155550100';

describe('inbound items', () => {
  let reader: InboundReader;
  beforeEach(() => {
    reader = new InboundReader();
  });
  afterEach(() => reader.dispose());

  it('an item has the details of its row', () => {
    reader.file.receive('hi', {
      service: 'RCS',
      change: {
        subject: 'Tonight',
        thread_originator_guid: 'ABC',
        thread_originator_part: '1:0:2',
        expressive_send_style_id: 'com.apple.messages.effect.CKConfettiEffect',
        destination_caller_id: '+14155550199',
      },
    });
    const sentAt = reader.file.row('in-1').sentAt ?? 0;
    expect(reader.poll()).toEqual([
      {
        ...{ guid: 'in-1', from: ALICE, to: '+14155550199', service: 'RCS', text: 'hi', media: [] },
        ...{ chat: `RCS;-;${ALICE}`, reply_to: 'ABC', reply_part: 1, effect: 'confetti', subject: 'Tonight' },
        ...{ sent_at: new Date(sentAt).toISOString(), from_me: false },
      },
    ]);
  });

  it('the item of a voice note is marked', async () => {
    const attachments = [{ filename: '~/a.caf', name: 'a.caf' }];
    reader.file.receive('', { attachments, change: { is_audio_message: 1 } });
    reader.poll();
    const [item] = await until('the item', () => reader.items.length === 1 && reader.items);
    expect(item).toMatchObject({ voice_note: true, text: '', media: [{ name: 'a.caf' }] });
  });

  it('the item of a reaction has its part and no text', () => {
    const change = { associated_message_type: 3001, associated_message_guid: 'p:2/ABC' };
    reader.file.receive('Removed a like from “hi”', { change });
    expect(reader.poll()).toMatchObject([
      { text: '', reaction: { of: 'ABC', part: 2, kind: 'like', removed: true } },
    ]);
  });

  it.each(['(smsfp)', '(smsft_fi)', '(filtered)'])(
    'the sender of an SMS that Messages filters is reported without the category %s',
    (category) => {
      reader.file.receive('STOP', { from: `${ALICE}${category}`, service: 'SMS' });
      reader.file.receive('Your code is 123456', { from: `57685${category}`, service: 'SMS' });
      expect(reader.poll().map(({ from }) => from)).toEqual([ALICE, '57685']);
    },
  );

  it('a message with a subject and no text is reported', () => {
    reader.file.receive('', { change: { subject: 'Tonight' } });
    expect(reader.poll()).toMatchObject([{ text: '', subject: 'Tonight' }]);
  });

  describe('groups', () => {
    const ALICE_AND_BOB = { guid: 'any;+;chat1', name: 'Climbing', participants: [ALICE, 'bob@example.com'] };

    it('an item has the name and the members of its group', () => {
      reader.file.receive('hi', { group: ALICE_AND_BOB });
      const row = { group: ALICE_AND_BOB, change: { is_sent: 1 } };
      reader.file.type('hello', row);
      expect(reader.poll()).toMatchObject([
        { from: ALICE, chat: 'any;+;chat1', chat_name: 'Climbing', participants: [ALICE, 'bob@example.com'] },
        { from_me: true, to: 'any;+;chat1', participants: [ALICE, 'bob@example.com'] },
      ]);
    });

    it('changes of the group are reported once', () => {
      const change = (columns: Record<string, number | string>) => ({
        group: ALICE_AND_BOB,
        change: columns,
      });
      reader.file.receive('', change({ item_type: 2, group_title: 'Hiking' }));
      reader.file.type('', change({ item_type: 3 }));
      reader.file.receive('', change({ item_type: 3, group_action_type: 1 }));
      const items = reader.settle();
      expect(items).toMatchObject([
        { from: ALICE, change: { of: 'any;+;chat1', kind: 'renamed', value: 'Hiking' } },
        { from_me: true, change: { of: 'any;+;chat1', kind: 'left' } },
      ]);
      expect(items[1]?.change).not.toHaveProperty('value');
      reader.restart();
      expect(reader.settle()).toEqual([]);
    });

    it('a change of the group by the owner waits for its chat', () => {
      const change = { item_type: 2, group_title: 'Hiking' };
      const guid = reader.file.type('', { group: ALICE_AND_BOB, change, isUnjoined: true });
      expect(reader.settle()).toEqual([]);
      reader.file.messages.exec(`INSERT INTO chat_message_join (chat_id, message_id)
        SELECT c.ROWID, m.ROWID FROM chat c, message m WHERE c.guid = 'any;+;chat1' AND m.guid = '${guid}'`);
      expect(reader.settle()).toMatchObject([
        { from_me: true, change: { kind: 'renamed', value: 'Hiking' } },
      ]);
    });

    it('a row without a chat waits for it for ten seconds', () => {
      const [late, alone] = ['late', 'alone'].map((text) =>
        reader.file.receive(text, { group: ALICE_AND_BOB, isUnjoined: true }),
      );
      reader.file.receive('meanwhile');
      expect(reader.settle()).toMatchObject([{ text: 'meanwhile' }]);
      reader.file.messages.exec(`INSERT INTO chat_message_join (chat_id, message_id)
        SELECT c.ROWID, m.ROWID FROM chat c, message m WHERE c.guid = 'any;+;chat1' AND m.guid = '${late}'`);
      expect(reader.settle()).toMatchObject([{ text: 'late', chat: 'any;+;chat1' }]);
      reader.monotonicNow += 10_000;
      expect(reader.settle()).toMatchObject([{ guid: alone, text: 'alone' }]);
    });
  });

  describe('link previews', () => {
    const LINK = 'com.apple.messages.URLBalloonProvider';
    const preview = (text: string, seconds = 0) =>
      reader.file.receive(text, {
        change: { balloon_bundle_id: LINK, date: (Date.now() + seconds * 1_000 - 978_307_200_000) * 1e6 },
      });

    it('the preview of a link in the text before it is not reported', () => {
      const guid = reader.file.receive('look: https://Example.com/a');
      const reaction = { associated_message_type: 2000, associated_message_guid: `p:0/${guid}` };
      reader.file.receive('', { change: reaction });
      preview('https://example.com/a/');
      expect(reader.poll().map(({ text }) => text)).toEqual(['look: https://Example.com/a', '']);
    });

    it('a link alone, another link and a later link are reported', () => {
      preview('https://example.com/a');
      reader.file.receive('look: https://example.com/b');
      preview('https://example.com/a');
      reader.file.receive('look: https://example.com/c');
      preview('https://example.com/c', 60);
      expect(reader.poll().map(({ text }) => text.replace(/.*com/, ''))).toEqual([
        '/a',
        '/b',
        '/a',
        '/c',
        '/c',
      ]);
    });
  });

  it('messages that Messages takes for spam are reported, and empty rows are not', () => {
    reader.file.receive('win a prize', { change: { is_spam: 1 } });
    reader.file.receive('', { change: { balloon_bundle_id: 'com.example.app' } });
    reader.file.receive('', { change: { associated_message_type: 4000 } });
    reader.file.messages.exec(
      "INSERT INTO message (guid, service, is_from_me, date) VALUES ('g', 'SMS', 0, 1)",
    );
    expect(reader.poll().map(({ text }) => text)).toEqual(['win a prize']);
  });

  it('messages of a long outage are reported although they do not fit into one poll', () => {
    const day = 86_400_000;
    reader.journal.setMark('looked_at', Date.now() - 12 * day);
    for (let text = 0; text < 1_200; text += 1) {
      reader.file.receive(`text ${text}`, {
        change: { date: (Date.now() - 10 * day - 978_307_200_000) * 1e6 },
      });
    }
    reader.restart();
    expect(reader.settle()).toHaveLength(1_200);
  });

  describe('a chat.db whose row ids count from a lower number', () => {
    const clear = (tables: readonly string[]) => {
      for (const table of tables) reader.file.messages.exec(`DELETE FROM ${table}`);
    };
    const receiveAt = (guid: string, at: number) =>
      reader.file.receive(guid, { guid, change: { date: (at - 978_307_200_000) * 1e6 } });

    it('its recent messages are read again, and those that were reported are not reported again', () => {
      const hour = 3_600_000;
      for (const guid of ['a', 'b', 'c', 'd', 'e', 'f']) receiveAt(guid, Date.now());
      expect(reader.settle()).toHaveLength(6);
      clear(['chat_message_join', 'message', 'sqlite_sequence']);
      receiveAt('before the pairing', Date.now() - hour);
      receiveAt('f', Date.now());
      receiveAt('missed', Date.now());
      reader.restart();
      expect(reader.settle().map(({ guid }) => guid)).toEqual(['missed']);
      receiveAt('new', Date.now());
      expect(reader.settle().map(({ guid }) => guid)).toEqual(['new']);
      expect(reader.problems).toEqual([
        'chat.db was restored or rebuilt; its recent messages are read again.',
      ]);
    });

    it('an empty one is read from its first row', () => {
      reader.file.receive('old');
      reader.settle();
      clear(['chat_message_join', 'message', 'sqlite_sequence']);
      reader.restart();
      reader.file.receive('new', { guid: 'new' });
      expect(reader.settle().map(({ guid }) => guid)).toEqual(['new']);
    });

    it('deleted messages are no reason to read it again', () => {
      reader.file.receive('old');
      reader.settle();
      clear(['chat_message_join', 'message']);
      reader.restart();
      expect(reader.problems).toEqual([]);
    });
  });

  it('a text waits ten seconds for the attachment that its placeholder announces', async () => {
    const [guid] = ['look', 'lost'].map((text) =>
      reader.file.receive(`\uFFFC${text}`, { change: { cache_has_attachments: 1 } }),
    );
    reader.file.receive('meanwhile');
    expect(reader.settle().map(({ text }) => text)).toEqual(['meanwhile']);
    reader.file.messages.exec(`
      INSERT INTO attachment (guid, filename, transfer_name, transfer_state) VALUES ('at', '~/a.png', 'a.png', 5);
      INSERT INTO message_attachment_join SELECT m.ROWID, a.ROWID FROM message m, attachment a WHERE m.guid = '${guid}'`);
    reader.poll();
    await until('the message', () => reader.items.length === 2);
    expect(reader.items[1]).toMatchObject({ text: 'look', media: [{ name: 'a.png' }] });
    reader.monotonicNow += 10_000;
    expect(reader.poll()).toMatchObject([{ text: 'lost', media: [] }]);
  });

  it('an own message is reported when it is sent, up to a day later', () => {
    const hour = 3_600_000;
    const send = (guid: string) =>
      reader.file.messages.prepare('UPDATE message SET is_sent = 1 WHERE guid = ?').run(guid);
    const [soon, late] = ['soon', 'late'].map((text) => reader.file.type(text));
    expect(reader.settle()).toEqual([]);
    reader.monotonicNow += 23 * hour;
    send(`${soon}`);
    expect(reader.settle().map(({ text }) => text)).toEqual(['soon']);
    reader.monotonicNow += hour;
    reader.settle();
    send(`${late}`);
    expect(reader.settle()).toEqual([]);
  });

  it('a message that the owner scheduled is reported when it is sent', () => {
    const day = 86_400_000;
    const date = (at: number) => (at - 978_307_200_000) * 1e6;
    const change = { schedule_type: 2, schedule_state: 2, date: date(Date.now() + 3 * day) };
    const scheduled = [
      reader.file.type('soon', { change: { ...change, is_sent: 1 } }),
      reader.file.type('later', { change }),
    ];
    expect(reader.settle()).toEqual([]);
    reader.monotonicNow += 3 * day + 1_000;
    reader.inbound.setBrokerTime(Date.now() + 3 * day + 1_000);
    expect(reader.settle().map(({ guid }) => guid)).toEqual([scheduled[0]]);
    reader.file.messages.prepare('UPDATE message SET is_sent = 1 WHERE guid = ?').run(scheduled[1]);
    expect(reader.settle().map(({ guid }) => guid)).toEqual([scheduled[1]]);
  });

  it('a poll that takes long leaves the other rows to the next one', () => {
    for (let text = 0; text < 300; text += 1) reader.file.receive(`text ${text}`);
    reader.msPerReading = 101;
    const first = reader.poll().length;
    expect(first).toBeLessThan(300);
    for (let polls = 0; polls < 10; polls += 1) reader.inbound.pollDeferred();
    expect(reader.items).toHaveLength(300);
  });
});
