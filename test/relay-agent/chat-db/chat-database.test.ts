/** Tests the fields that the agent reads from chat.db, with the columns of several versions of macOS. */
import { buildBinary } from 'plist';
import { afterEach, describe, expect, it } from 'vitest';
import { ChatFile } from '../../support/fake-mac/chat-file.ts';
import { handleOf } from '../../support/fake-mac/chat-tables.ts';
import { appPayload, repeatingPropertyList } from '../../support/fake-mac/hostile-values.ts';
import { MACOS_VERSIONS } from '../../support/fake-mac/message-columns.ts';
import { attributedBody } from '../../support/fake-mac/typedstream.ts';

const ALICE = '+14155550100';
const BOB = 'bob@example.com';
const GROUP = { guid: 'any;+;chat1', name: 'Climbing', participants: [ALICE, BOB] };

describe('rows of chat.db', () => {
  let file: ChatFile;
  afterEach(() => file.dispose());

  it.each(MACOS_VERSIONS)('the details of a message are read on %s', (version) => {
    file = new ChatFile(version);
    const guid = file.receive('hi', {
      change: {
        subject: 'Tonight',
        thread_originator_guid: 'ABC',
        thread_originator_part: '2:0:5',
        expressive_send_style_id: 'com.apple.MobileSMS.expressivesend.impact',
        is_audio_message: 1,
        destination_caller_id: '+14155550199',
      },
    });
    expect(file.row(guid)).toMatchObject({
      text: 'hi',
      subject: 'Tonight',
      replyTo: 'ABC',
      replyPart: 2,
      effect: 'slam',
      isVoiceNote: true,
      isGroup: false,
      participants: undefined,
      service: 'iMessage',
    });
  });

  it('a row without details has none', () => {
    file = new ChatFile();
    expect(file.row(file.receive('hi'))).toMatchObject({
      subject: undefined,
      replyTo: undefined,
      replyPart: 0,
      effect: undefined,
      isVoiceNote: false,
      reaction: undefined,
      groupChange: undefined,
    });
  });

  it('a database without the optional columns and tables is read', () => {
    file = new ChatFile('macOS 13');
    const required = new Set(['ROWID', 'guid', 'text', 'handle_id', 'is_from_me', 'date', 'service']);
    file.messages.exec('DROP INDEX message_idx_handle; DROP TABLE chat_handle_join');
    file.messages.exec('ALTER TABLE chat DROP COLUMN display_name');
    for (const { name } of file.messages.pragma('table_info(message)') as Array<{ name: string }>) {
      if (!required.has(name)) file.messages.exec(`ALTER TABLE message DROP COLUMN ${name}`);
    }
    file.messages.exec(`INSERT INTO handle (id, service) VALUES ('${ALICE}', 'iMessage');
      INSERT INTO message (guid, text, handle_id, date, service) VALUES ('g', 'hi', 1, 700000000, 'iMessage')`);
    expect(file.row('g')).toMatchObject({ text: 'hi', handle: ALICE, isGroupEvent: false });
    expect(file.chat.changedIn(0, 1)).toEqual([]);
  });

  it.each([
    ['RCS', {}, 'RCS'],
    ['SMS', {}, 'SMS'],
    ['iMessage', { was_downgraded: 1 }, 'SMS'],
    ['iMessageLite', {}, 'iMessage'],
  ])('the service %s with %o is %s', (service, change, expected) => {
    file = new ChatFile();
    expect(file.row(file.type('hi', { service, change })).service).toBe(expected);
  });

  it.each([
    ['0:0:5', 0],
    ['1:10:3', 1],
    ['', 0],
    ['x', 0],
    ['-4:0:1', 0],
    ['99999999999:0:1', 1_000],
  ])('a reply to %o refers to part %i', (part, expected) => {
    file = new ChatFile();
    expect(file.row(file.receive('hi', { change: { thread_originator_part: part } })).replyPart).toBe(
      expected,
    );
  });

  describe('reactions', () => {
    const react = (type: number, target: string, text = '', change: Record<string, string> = {}) =>
      file.row(
        file.receive(text, {
          change: { associated_message_type: type, associated_message_guid: target, ...change },
        }),
      ).reaction;

    it('the six tapbacks and their removal are read with their part', () => {
      file = new ChatFile();
      const kinds = [2000, 2001, 2002, 2003, 2004, 2005].map((type) => react(type, 'p:3/ABC'));
      expect(kinds).toEqual(
        ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'].map((kind) => ({
          ...{ of: 'ABC', part: 3, kind, isRemoved: false },
        })),
      );
      expect(react(3005, 'p:1/ABC')).toEqual({ of: 'ABC', part: 1, kind: 'question', isRemoved: true });
      expect(react(2000, 'bp:ABC')).toMatchObject({ of: 'ABC', part: 0 });
      expect(react(2000, 'ABC')).toMatchObject({ of: 'ABC', part: 0 });
    });

    it.each(['macOS 15', 'macOS 27'] as const)('the emoji of a reaction is read on %s', (version) => {
      file = new ChatFile(version);
      const emoji = { associated_message_emoji: '👩🏽‍🚀' };
      expect(react(2006, 'p:0/ABC', 'Reacted 👩🏽‍🚀 to “hi”', emoji)).toMatchObject({ kind: '👩🏽‍🚀' });
      expect(react(3006, 'p:0/ABC', '', emoji)).toMatchObject({ kind: '👩🏽‍🚀', isRemoved: true });
    });

    it.each(['macOS 13', 'macOS 14'] as const)('the emoji is read from the text on %s', (version) => {
      file = new ChatFile(version);
      expect(react(2006, 'p:0/ABC', 'Reacted 🇵🇹 to “🐙 hi”')).toMatchObject({ kind: '🇵🇹' });
      expect(react(2006, 'p:0/ABC', 'Reacted to “🐙 hi”')).toMatchObject({ kind: 'emoji' });
    });

    it('a reaction without a valid target, and a vote in a poll, are none', () => {
      file = new ChatFile();
      expect(react(2000, '')).toBeUndefined();
      expect(react(2000, `p:0/${'x'.repeat(201)}`)).toBeUndefined();
      const vote = file.receive('\uFFFC', {
        change: { associated_message_type: 4000, associated_message_guid: 'ABC' },
      });
      expect(file.row(vote)).toMatchObject({ reaction: undefined, text: '' });
    });
  });

  describe('groups', () => {
    it('a row in a group has the members without the own number', () => {
      file = new ChatFile();
      const participants = [ALICE, 'Bob@Example.com', '+14155550199'];
      const group = { ...GROUP, participants };
      const guid = file.receive('hi', { group, change: { destination_caller_id: '+1 415 555 0199' } });
      expect(file.row(guid)).toMatchObject({
        isGroup: true,
        groupName: 'Climbing',
        handle: ALICE,
        participants: [ALICE, BOB],
      });
      expect(file.row(file.type('hello', { group })).participants).toContain(ALICE);
    });

    it('the members of a group have no category of filtered SMS', () => {
      file = new ChatFile();
      const group = { ...GROUP, participants: [`${ALICE}(smsfp)`, BOB] };
      const guid = file.receive('hi', { group, from: `${ALICE}(smsfp)`, service: 'SMS' });
      expect(file.row(guid)).toMatchObject({ handle: ALICE, participants: [BOB, ALICE].sort() });
      expect(file.chat.chats.group(GROUP.guid)?.participants.sort()).toEqual([ALICE, BOB]);
    });

    it('200 members are read, and a larger group has no list', () => {
      file = new ChatFile();
      const members = Array.from({ length: 201 }, (_, index) => `+1415555${1000 + index}`);
      const full = { guid: 'any;+;full', name: null, participants: members.slice(1) };
      expect(file.row(file.receive('hi', { group: full })).participants).toHaveLength(200);
      const larger = { guid: 'any;+;larger', name: null, participants: members };
      expect(file.row(file.receive('hi', { group: larger })).participants).toBeUndefined();
    });

    const change = (columns: Record<string, number | string>, isOwn = false) => {
      const row = { group: GROUP, change: columns };
      const { groupChange, isGroupEvent } = file.row(isOwn ? file.type('', row) : file.receive('', row));
      expect(isGroupEvent).toBe(true);
      return groupChange;
    };

    it('changes of the members and the name are read', () => {
      file = new ChatFile();
      const carol = handleOf(file.messages, '+14155550102');
      const member = { kind: 'joined', value: '+14155550102' };
      expect(change({ item_type: 1, group_action_type: 0, other_handle: carol })).toEqual(member);
      expect(change({ item_type: 1, group_action_type: 1, other_handle: carol }, true)).toEqual({
        ...member,
        kind: 'left',
      });
      expect(change({ item_type: 2, group_title: 'Hikers' })).toEqual({ kind: 'renamed', value: 'Hikers' });
      expect(change({ item_type: 2 })).toEqual({ kind: 'renamed', value: '' });
      expect(change({ item_type: 3 })).toEqual({ kind: 'left', value: ALICE });
      expect(change({ item_type: 3 }, true)).toEqual({ kind: 'left', value: undefined });
    });

    it('other events of a group change nothing', () => {
      file = new ChatFile();
      const alice = handleOf(file.messages, ALICE);
      const ignored: Array<Record<string, number>> = [
        // A member has a new number, and members that are not in the table.
        { item_type: 1, group_action_type: 0, other_handle: alice },
        { item_type: 1, group_action_type: 0, other_handle: 0 },
        { item_type: 1, group_action_type: 9, other_handle: handleOf(file.messages, BOB) },
        // The picture, the background, a shared location, a kept audio message and SharePlay.
        { item_type: 3, group_action_type: 1 },
        { item_type: 3, group_action_type: 4 },
        { item_type: 4 },
        { item_type: 5 },
        { item_type: 6 },
      ];
      expect(ignored.map((columns) => change(columns))).toEqual(ignored.map(() => undefined));
    });
  });

  describe('messages of apps', () => {
    const app = (
      payload: Buffer | null,
      text = '\uFFFD',
      id = 'com.apple.messages.MSMessageExtensionBalloonPlugin:X',
    ) => file.row(file.receive(text, { change: { balloon_bundle_id: id, payload_data: payload } }));

    it('the text of an app message is read from its payload', () => {
      file = new ChatFile();
      expect(app(appPayload({ ldtext: 'Ada paid you €5', caption: 'x' })).text).toBe('Ada paid you €5');
      expect(app(appPayload({ an: 'Chess', ldtext: '', caption: 'Your move.' })).text).toBe('Your move.');
      expect(app(appPayload({ an: 'Chess' })).text).toBe('');
      expect(app(appPayload({ ldtext: 'x'.repeat(5_000) })).text).toHaveLength(1_000);
    });

    it('a text beside the placeholder of an app is kept, and a text without an app is unchanged', () => {
      file = new ChatFile();
      expect(app(appPayload({ ldtext: 'not this' }), '\uFFFD https://example.com').text).toBe(
        'https://example.com',
      );
      expect(file.row(file.receive('a \uFFFD b')).text).toBe('a \uFFFD b');
    });

    it.each([
      ['no payload', null],
      ['text', Buffer.from('hello')],
      ['another list', Buffer.from(buildBinary({ $top: { root: { UID: 9 } }, $objects: [] }))],
      ['a list that repeats itself', repeatingPropertyList(60)],
      ['a list that contains itself', repeatingPropertyList(1, { isCyclic: true })],
    ])('an app message with %s has no text', (_, payload) => {
      file = new ChatFile();
      expect(app(payload)).toMatchObject({ text: '', problem: undefined });
    });
  });

  describe('damaged rows', () => {
    it('a text that cannot be read is a problem', () => {
      file = new ChatFile();
      const change = { attributedBody: Buffer.from('hello'), subject: 'Tonight' };
      const row = file.row(file.receive('', { change }));
      expect(row).toMatchObject({ text: '', subject: 'Tonight' });
      expect(row.problem).toBe('The text of a message cannot be read.');
      const huge = attributedBody('x'.repeat(1_000_000));
      expect(file.row(file.receive('', { change: { attributedBody: huge } })).problem).toContain(
        'cannot be read',
      );
      const empty = attributedBody('', []);
      expect(file.row(file.receive('', { change: { attributedBody: empty } })).problem).toBeUndefined();
    });

    it('times that are no dates are left out', () => {
      file = new ChatFile();
      const invalid = { date: -9e18, date_read: -9e18, date_delivered: -9e18, date_edited: 'soon' };
      expect(file.row(file.receive('hi', { change: invalid }))).toMatchObject({
        ...{ text: 'hi', sentAt: undefined, deliveredAt: undefined, readAt: undefined, editedAt: undefined },
      });
    });

    it('values of other types are left out', () => {
      file = new ChatFile();
      const blob = Buffer.from([0xff, 0x00]);
      const change = {
        text: blob,
        subject: blob,
        associated_message_guid: blob,
        associated_message_type: 2000,
      };
      expect(file.row(file.receive('hi', { change }))).toMatchObject({
        ...{ handle: ALICE, isFromMe: false, text: '' },
        problem: expect.stringContaining('cannot be read completely'),
      });
    });

    it('a row in two chats is read once, in the newer chat', () => {
      file = new ChatFile();
      const guid = file.receive('hi', { service: 'SMS' });
      file.receive('hello', { group: GROUP });
      file.messages.exec(`INSERT INTO chat_message_join (chat_id, message_id)
        SELECT c.ROWID, m.ROWID FROM chat c, message m WHERE c.guid = '${GROUP.guid}' AND m.guid = '${guid}'`);
      expect(file.chat.after(0, 10).map((row) => [row.guid, row.chat])).toEqual([
        [guid, GROUP.guid],
        ['in-2', GROUP.guid],
      ]);
    });

    it('a row without a handle and a chat is read', () => {
      file = new ChatFile();
      file.messages.exec("INSERT INTO message (guid, service, is_from_me, date) VALUES ('g', 'SMS', 1, 1)");
      expect(file.row('g')).toMatchObject({
        handle: undefined,
        chat: undefined,
        text: '',
        problem: undefined,
      });
    });
  });
});
