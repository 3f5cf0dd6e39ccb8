/** Which rows count as a message's own. */
import { describe, expect, it } from 'vitest';
import type { ChatRow } from '../../../relay-agent/chat-db/chat-row.ts';
import { isRowOf } from '../../../relay-agent/outbound/row-matching.ts';

const row = (change: Partial<ChatRow> = {}): ChatRow => ({
  rowId: 11,
  guid: 'g',
  text: 'hi',
  handle: '+14155550100',
  chat: 'iMessage;-;+14155550100',
  isGroup: false,
  groupName: undefined,
  service: 'iMessage',
  isFromMe: true,
  isSent: false,
  error: 0,
  isDowngraded: false,
  sentAt: undefined,
  deliveredAt: undefined,
  readAt: undefined,
  editedAt: undefined,
  retractedAt: undefined,
  destination: undefined,
  replyTo: undefined,
  reaction: undefined,
  isGroupEvent: false,
  hasAttachments: false,
  attachments: [],
  ...change,
});
const attachment = (name: string) => ({
  hasAttachments: true,
  text: '',
  attachments: [{ guid: 'a', path: `~/x/${name}`, contentType: undefined, name, bytes: 1, isComplete: true }],
});
const part = { kind: 'text' as const, baseline: 10 };
const direct = { item: { to: '+14155550100', text: 'hi' }, part, file: undefined };

describe('a row is that of a text', () => {
  it('when it is newer, from me, to this person and in these words', () => {
    expect(isRowOf(row(), direct)).toBe(true);
    expect(isRowOf(row({ text: ' hi\n' }), direct)).toBe(true);
    expect(isRowOf(row({ rowId: 10 }), direct)).toBe(false);
    expect(isRowOf(row({ isFromMe: false }), direct)).toBe(false);
    expect(isRowOf(row({ handle: '+14155550101' }), direct)).toBe(false);
    expect(isRowOf(row({ text: 'hi!' }), direct)).toBe(false);
  });

  it('however its characters are composed', () => {
    const item = { to: '+14155550100', text: 'Grüße' };
    expect(isRowOf(row({ text: 'Grüße'.normalize('NFD') }), { ...direct, item })).toBe(true);
  });

  it('not when it is in a group, a reaction or an event', () => {
    expect(isRowOf(row({ isGroup: true, chat: 'iMessage;+;chat1' }), direct)).toBe(false);
    expect(isRowOf(row({ reaction: { of: 'x', kind: 'love', isRemoved: false } }), direct)).toBe(false);
    expect(isRowOf(row({ isGroupEvent: true }), direct)).toBe(false);
  });

  it('to a group when it is in that chat, whatever macOS calls its service', () => {
    const group = { ...direct, item: { to: 'iMessage;+;chat1', text: 'hi' } };
    const mine = { isGroup: true, handle: undefined };
    expect(isRowOf(row({ ...mine, chat: 'any;+;chat1' }), group)).toBe(true);
    expect(isRowOf(row({ ...mine, chat: 'any;+;chat2' }), group)).toBe(false);
    expect(isRowOf(row({ ...mine, chat: undefined }), group)).toBe(false);
  });
});

describe('a row is that of a file', () => {
  const file = { ...direct, part: { kind: 'file' as const, baseline: 10 }, file: '/tmp/a/Photo 1.heic' };

  it('by its name, also where Messages has converted it', () => {
    expect(isRowOf(row(attachment('photo 1.jpeg')), file)).toBe(true);
    expect(isRowOf(row(attachment('other.heic')), file)).toBe(false);
    expect(isRowOf(row({ ...attachment('Photo 1.heic'), text: 'with words' }), file)).toBe(false);
    expect(isRowOf(row(), file)).toBe(false);
  });

  it('by being one, where the name is not known', () => {
    expect(isRowOf(row(attachment('x.png')), { ...file, file: undefined })).toBe(true);
    expect(isRowOf(row({ hasAttachments: true, text: '' }), file)).toBe(true);
  });
});
