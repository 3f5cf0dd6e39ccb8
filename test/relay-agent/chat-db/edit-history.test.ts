/** Tests the versions of edited messages and unsent parts, with the property lists of Messages. */
import { buildBinary } from 'plist';
import { afterEach, describe, expect, it } from 'vitest';
import { parsePropertyList } from '../../../relay-agent/chat-db/property-list.ts';
import { ChatFile } from '../../support/fake-mac/chat-file.ts';
import { bodyOf, editRow, unsendRow } from '../../support/fake-mac/edits.ts';
import { repeatingPropertyList } from '../../support/fake-mac/hostile-values.ts';
import { attributedBody } from '../../support/fake-mac/typedstream.ts';

const NOW = Date.UTC(2026, 10, 21, 12);
const MINUTE = 60_000;
const MARK = '\uFFFC';

describe('the history of a message', () => {
  let file: ChatFile;
  afterEach(() => file.dispose());

  const history = (guid: string) => {
    const { problem, ...found } = file.chat.historyOf(guid)!;
    expect(problem).toBeUndefined();
    return found;
  };
  const receive = (...parts: string[]) => {
    file = new ChatFile();
    const body = bodyOf(parts.map((text, index) => ({ index, text })));
    return file.receive('', { change: { attributedBody: body } });
  };
  const edit = (guid: string, text: string, at: number, part = 0) =>
    editRow(file.messages, guid, { text, part, at });
  const unsend = (guid: string, at: number, parts?: number[], hasDate = false) =>
    unsendRow(file.messages, guid, { at, hasDate, ...(parts === undefined ? {} : { parts }) });

  it('a message without edits has its text only', () => {
    expect(history(receive('hi'))).toEqual({ original: 'hi', edits: [], retractedAt: undefined });
    expect(file.chat.historyOf('unknown')).toBeUndefined();
  });

  it('each version has its own time', () => {
    const guid = receive('at nine');
    edit(guid, 'at ten', NOW);
    edit(guid, 'at eleven', NOW + MINUTE);
    expect(history(guid)).toEqual({
      original: 'at nine',
      edits: [
        { at: NOW, text: 'at ten' },
        { at: NOW + MINUTE, text: 'at eleven' },
      ],
      retractedAt: undefined,
    });
  });

  it('a version is the text of all parts', () => {
    const guid = receive(MARK, 'first', MARK, ' second');
    edit(guid, 'FIRST', NOW, 1);
    edit(guid, ' SECOND', NOW + MINUTE, 3);
    expect(history(guid)).toMatchObject({
      original: 'first second',
      edits: [{ text: 'FIRST second' }, { text: 'FIRST SECOND' }],
    });
  });

  it.each([[false], [true]])('an unsent message is retracted (with a date: %s)', (hasDate) => {
    const guid = receive('oops');
    edit(guid, 'ooops', NOW);
    unsend(guid, NOW + MINUTE, undefined, hasDate);
    expect(history(guid)).toMatchObject({ retractedAt: NOW + MINUTE });
  });

  it('an unsent message without a date is retracted when it was sent', () => {
    const guid = receive('oops');
    unsend(guid, NOW);
    file.messages.exec('UPDATE message SET date_edited = 0, date = 700000000');
    expect(history(guid).retractedAt).toBe(978_307_200_000 + 700_000_000_000);
  });

  it('an unsent part is an edit that removes its text', () => {
    const guid = receive('one', ' two', MARK);
    edit(guid, ' TWO', NOW, 1);
    unsend(guid, NOW + MINUTE, [0]);
    expect(history(guid)).toEqual({
      original: 'two',
      edits: [
        { at: NOW, text: 'TWO' },
        { at: NOW + MINUTE, text: 'TWO' },
      ],
      retractedAt: undefined,
    });
    edit(guid, ' 2', NOW + MINUTE + 1_000, 1);
    expect(history(guid).edits).toMatchObject([{ text: 'TWO' }, { at: NOW + MINUTE + 1_000, text: '2' }]);
    unsend(guid, NOW + 2 * MINUTE, [1]);
    expect(history(guid)).toMatchObject({ edits: [{ at: NOW + 2 * MINUTE, text: '' }] });
    unsend(guid, NOW + 3 * MINUTE, [2]);
    expect(history(guid)).toMatchObject({ edits: [], retractedAt: NOW + 3 * MINUTE });
  });

  it('an edit without a list, and one that the list does not contain, has the current text', () => {
    const guid = receive('at nine');
    const edited = (text: string) =>
      file.messages
        .prepare('UPDATE message SET attributedBody = ?, date_edited = ?')
        .run(attributedBody(text), (NOW - 978_307_200_000) * 1e6);
    edited('at ten');
    expect(history(guid)).toMatchObject({ original: 'at ten', edits: [{ at: NOW, text: 'at ten' }] });
    edit(guid, 'at eleven', NOW - MINUTE);
    edited('at noon');
    expect(history(guid)).toMatchObject({
      original: 'at ten',
      edits: [
        { at: NOW - MINUTE, text: 'at eleven' },
        { at: NOW, text: 'at noon' },
      ],
    });
  });

  it.each([
    ['text', Buffer.from('hello')],
    ['a truncated list', Buffer.from(buildBinary({ ec: { 0: [] } })).subarray(0, 20)],
    ['another type', Buffer.from(buildBinary({ ec: [1, 2] }))],
    ['a version without a text', Buffer.from(buildBinary({ ec: { 0: [{ d: 1 }] } }))],
    ['a part that is no number', Buffer.from(buildBinary({ ec: {}, otr: { x: {} } }))],
    ['a list that contains itself', repeatingPropertyList(1, { isCyclic: true })],
    ['a list that repeats itself', repeatingPropertyList(60)],
    ['a huge list', Buffer.concat([Buffer.from('bplist00'), Buffer.alloc(5_000_000)])],
  ])('%s instead of the versions leaves the current text', (_, list) => {
    const guid = receive('at ten');
    file.messages
      .prepare('UPDATE message SET message_summary_info = ?, date_edited = ?')
      .run(list, (NOW - 978_307_200_000) * 1e6);
    const { problem, ...found } = file.chat.historyOf(guid)!;
    expect(problem).toMatch(/\w+/);
    expect(found).toEqual({
      original: 'at ten',
      edits: [{ at: NOW, text: 'at ten' }],
      retractedAt: undefined,
    });
  });

  it('the number of versions is limited', () => {
    const guid = receive('at nine');
    const versions = Array.from({ length: 500 }, (_, index) => ({
      ...{ d: index + 1, t: new Uint8Array(attributedBody(`version ${index}`)).subarray(0, 60) },
    }));
    const list = Buffer.from(buildBinary({ ec: { 0: versions } }));
    file.messages.prepare('UPDATE message SET message_summary_info = ?, date_edited = 1').run(list);
    expect(history(guid).edits).toHaveLength(50);
  });

  it('the values of a property list are limited, also repeated ones', () => {
    file = new ChatFile();
    expect(() => parsePropertyList(repeatingPropertyList(60))).toThrow('The property list is too long.');
    const word = 'x'.repeat(10_000);
    const repeated = Buffer.from(buildBinary(Array.from({ length: 200 }, () => word)));
    expect(() => parsePropertyList(repeated)).toThrow('The property list is too long.');
    const long = Array.from({ length: 5_000 }, (_, index) => index);
    expect(parsePropertyList(Buffer.from(buildBinary({ long, word })))).toEqual({ long, word });
  });
});
