/** Tests the reports about edited, unsent and read messages. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { editRow, unsendRow } from '../../support/fake-mac/edits.ts';
import { repeatingPropertyList } from '../../support/fake-mac/hostile-values.ts';
import { InboundReader } from '../../support/fake-mac/inbound-reader.ts';

describe('changes of messages', () => {
  let reader: InboundReader;
  beforeEach(() => {
    reader = new InboundReader();
  });
  afterEach(() => reader.dispose());

  const edit = (guid: string, text: string, at: number) => editRow(reader.file.messages, guid, { text, at });
  const unsend = (guid: string, at: number) => unsendRow(reader.file.messages, guid, { at, hasDate: false });
  const read = (guid: string, at?: number) =>
    reader.file.messages
      .prepare('UPDATE message SET is_read = 1, date_read = ? WHERE guid = ?')
      .run(at === undefined ? 0 : (at - 978_307_200_000) * 1e6, guid);
  const reported = () =>
    reader.settle().map(({ text, change }) => [text, change?.kind, change && Date.parse(change.at)]);

  it('each version is reported once, in order and with its own time', () => {
    const guid = reader.file.receive('one');
    expect(reported()).toEqual([['one', undefined, undefined]]);
    const now = Date.now();
    edit(guid, 'two', now);
    expect(reported()).toEqual([['two', 'edited', now]]);
    edit(guid, 'three', now + 1_000);
    edit(guid, 'four', now + 2_000);
    expect(reported()).toEqual([
      ['three', 'edited', now + 1_000],
      ['four', 'edited', now + 2_000],
    ]);
    expect(reported()).toEqual([]);
    unsend(guid, now + 3_000);
    expect(reported()).toEqual([['', 'retracted', now + 3_000]]);
    reader.restart();
    expect(reported()).toEqual([]);
  });

  it('a message that was edited before it was read is reported with its first text', () => {
    const now = Date.now();
    edit(reader.file.receive('one'), 'two', now);
    const guid = reader.file.type('mine', { change: { is_sent: 1 } });
    edit(guid, 'mine, edited', now + 1_000);
    expect(reported()).toEqual([
      ['one', undefined, undefined],
      ['mine', undefined, undefined],
      ['two', 'edited', now],
      ['mine, edited', 'edited', now + 1_000],
    ]);
  });

  it('a message that was unsent before it was read is not reported', () => {
    const attachments = [{ filename: '~/a.png', name: 'a.png' }];
    for (const guid of [reader.file.receive('oops'), reader.file.receive('', { attachments })]) {
      unsend(guid, Date.now());
    }
    expect(reader.settle().filter(({ change }) => change === undefined)).toEqual([]);
  });

  it('edits from before the pairing are not reported', () => {
    const hour = 3_600_000;
    const guid = reader.file.receive('one', {
      change: { date: (Date.now() - 2 * hour - 978_307_200_000) * 1e6 },
    });
    edit(guid, 'two', Date.now() - hour);
    edit(guid, 'three', Date.now());
    expect(reader.settle().map(({ text, change }) => [text, change?.kind])).toEqual([
      ['two', undefined],
      ['three', 'edited'],
    ]);
  });

  it('a message that the owner edited and that the agent sent is reported by its guid', () => {
    reader.isOwnRow = (row) => row.text === 'by the agent';
    const guid = reader.file.type('by the agent', { change: { is_sent: 1 } });
    expect(reported()).toEqual([]);
    edit(guid, 'by hand', Date.now());
    expect(reader.settle()).toMatchObject([{ from_me: true, change: { of: guid, kind: 'edited' } }]);
  });

  it('a message that the owner read is reported once', () => {
    const guid = reader.file.receive('hi');
    reader.file.receive('hello');
    reader.settle();
    const now = Date.now();
    read(guid, now);
    expect(reader.settle()).toMatchObject([
      {
        guid: `${guid}/read`,
        text: '',
        change: { of: guid, kind: 'read', at: new Date(now).toISOString() },
      },
    ]);
    read(guid, now + 5_000);
    expect(reader.settle()).toEqual([]);
    reader.restart();
    expect(reader.settle()).toEqual([]);
  });

  it('a message that was read without a time, and one that was read before the poll, are reported', () => {
    const guid = reader.file.receive('hi');
    reader.settle();
    read(guid);
    read(reader.file.receive('hello'), Date.now());
    expect(reader.settle().map(({ change }) => change?.kind)).toEqual([undefined, 'read', 'read']);
  });

  it('a message that was not reported, and a message of the owner, cause no report when they are read', () => {
    const old = reader.file.receive('old', { change: { date: 1, is_read: 1 } });
    const own = reader.file.type('mine', { change: { is_sent: 1 } });
    const reaction = { associated_message_type: 2000, associated_message_guid: 'p:0/ABC' };
    const loved = reader.file.receive('', { change: reaction });
    reader.settle();
    for (const guid of [old, own, loved]) read(guid, Date.now());
    expect(reader.settle()).toEqual([]);
  });

  it('only the newest rows are checked for changes', () => {
    const guids = Array.from({ length: 1_010 }, (_, index) => reader.file.receive(`text ${index}`));
    expect(reader.settle()).toHaveLength(1_010);
    for (const guid of guids) read(guid, Date.now());
    expect(reader.settle()).toHaveLength(1_000);
  });

  it('the edit of a message in a backlog is reported, and no new row comes before it', () => {
    const guids = Array.from({ length: 2_500 }, (_, index) => reader.file.receive(`text ${index}`));
    for (const guid of guids.slice(0, 150)) edit(guid, 'edited', Date.now());
    reader.poll();
    for (let acknowledged = 0; acknowledged < reader.items.length; acknowledged += 100) {
      reader.inbound.acknowledged(reader.items.slice(acknowledged, acknowledged + 100));
    }
    expect(reader.items).toHaveLength(2_650);
    const places = reader.items.flatMap(({ change }, place) => (change === undefined ? [] : [place]));
    expect(places).toHaveLength(150);
    expect(Math.max(...places)).toBeLessThan(1_200);
  });

  it('unreadable versions are a problem once, and the text is reported', () => {
    const guid = reader.file.receive('one');
    reader.settle();
    reader.file.messages
      .prepare('UPDATE message SET message_summary_info = ?, date_edited = ? WHERE guid = ?')
      .run(repeatingPropertyList(60), (Date.now() - 978_307_200_000) * 1e6, guid);
    expect(reader.settle()).toMatchObject([{ text: 'one', change: { kind: 'edited' } }]);
    reader.file.receive('two');
    reader.settle();
    expect(reader.problems).toEqual([
      'The versions of an edited message could not be read: The property list is too long.',
    ]);
  });
});
