import { describe, expect, it } from 'vitest';
import { isRowOf } from '../../../relay-agent/outbound/row-matching.ts';
import { chatRow as row } from '../../support/fake-mac/chat-row.ts';

const attachment = (name: string) => ({
  hasAttachments: true,
  text: '',
  attachments: [{ guid: 'a', path: `~/x/${name}`, contentType: undefined, name, bytes: 1, isComplete: true }],
});
const part = { kind: 'text' as const, baseline: 10 };
const direct = { item: { to: '+14155550100', text: 'hi' }, part, file: undefined, participantsOf: () => [] };

describe('a row of a text', () => {
  it('a newer row from the owner with the same recipient and text matches', () => {
    expect(isRowOf(row(), direct)).toBe(true);
    expect(isRowOf(row({ text: ' hi\n' }), direct)).toBe(true);
    expect(isRowOf(row({ rowId: 10 }), direct)).toBe(false);
    expect(isRowOf(row({ isFromMe: false }), direct)).toBe(false);
    expect(isRowOf(row({ handle: '+14155550101' }), direct)).toBe(false);
    expect(isRowOf(row({ text: 'hi!' }), direct)).toBe(false);
  });

  it('a text matches in any Unicode normalization form', () => {
    const item = { to: '+14155550100', text: 'Grüße' };
    expect(isRowOf(row({ text: 'Grüße'.normalize('NFD') }), { ...direct, item })).toBe(true);
  });

  it('a row in a group, a reaction and a group event do not match', () => {
    expect(isRowOf(row({ isGroup: true, chat: 'iMessage;+;chat1' }), direct)).toBe(false);
    expect(isRowOf(row({ reaction: { of: 'x', part: 0, kind: 'love', isRemoved: false } }), direct)).toBe(
      false,
    );
    expect(isRowOf(row({ isGroupEvent: true }), direct)).toBe(false);
  });

  it('a row in the same group chat matches with any service name', () => {
    const group = { ...direct, item: { chat: 'iMessage;+;chat1', text: 'hi' } };
    const mine = { isGroup: true, handle: undefined };
    expect(isRowOf(row({ ...mine, chat: 'any;+;chat1' }), group)).toBe(true);
    expect(isRowOf(row({ ...mine, chat: 'any;+;chat2' }), group)).toBe(false);
    expect(isRowOf(row({ ...mine, chat: undefined }), group)).toBe(false);
  });
});

describe('a row of a file', () => {
  const file = { ...direct, part: { kind: 'file' as const, baseline: 10 }, file: '/tmp/a/Photo 1.heic' };

  it('a file matches by its name without the extension', () => {
    expect(isRowOf(row(attachment('photo 1.jpeg')), file)).toBe(true);
    expect(isRowOf(row(attachment('other.heic')), file)).toBe(false);
    expect(isRowOf(row({ ...attachment('Photo 1.heic'), text: 'with words' }), file)).toBe(false);
    expect(isRowOf(row(), file)).toBe(false);
  });

  it('a file with an unknown name matches any file row', () => {
    expect(isRowOf(row(attachment('x.png')), { ...file, file: undefined })).toBe(true);
    expect(isRowOf(row({ hasAttachments: true, text: '' }), file)).toBe(true);
  });
});
