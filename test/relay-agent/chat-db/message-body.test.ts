import { type NSString, Unarchiver } from '@parseaple/typedstream';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../../relay-agent/chat-db/message-body.ts';
import { attributedBody } from '../../support/fake-mac/typedstream.ts';

describe('the text of a message row', () => {
  it.each([
    ['plain', 'hi'],
    ['emoji', '👋🏽👨‍👩‍👧‍👦 done'],
    ['200 bytes', 'x'.repeat(200)],
    ['5,000 characters', 'ß'.repeat(5_000)],
    ['100,000 characters', 'a'.repeat(100_000)],
    ['lines', 'one\ntwo\n\nthree'],
  ])('the text is read from a typedstream: %s', (_, text) => {
    expect(bodyText(null, attributedBody(text))).toBe(text);
    expect(bodyText('', attributedBody(text))).toBe(text);
  });

  it('the column `text` is used if it is not empty', () => {
    expect(bodyText('column', attributedBody('body'))).toBe('column');
  });

  it('the placeholders of attachments are removed from the text', () => {
    expect(bodyText(null, attributedBody('\uFFFC'))).toBe('');
    expect(bodyText(null, attributedBody('\uFFFClook'))).toBe('look');
  });

  it('the text is complete despite mentions, attachments and links', () => {
    const part = { __kIMMessagePartAttributeName: 0 };
    const body = attributedBody('\uFFFC@Zoë see https://example.com 👋🏽', [
      { length: 1, attributes: { ...part, __kIMFileTransferGUIDAttributeName: 'at_0_ABC' } },
      { length: 4, attributes: { ...part, __kIMMentionConfirmedMention: '+14155550100' } },
      { length: 5, attributes: part },
      { length: 19, attributes: { ...part, __kIMLinkAttributeName: 'https://example.com' } },
      { length: 5, attributes: part },
    ]);
    // Decoded by the library alone, without the fallback.
    const [text] = [Unarchiver.open(body).decodeSingleRoot()].flat() as [NSString];
    expect(text.string).toContain('@Zoë');
    expect(bodyText(null, body)).toBe('@Zoë see https://example.com 👋🏽');
  });

  it.each(['short', 'ß'.repeat(200), 'long '.repeat(10_000)])(
    'the text is complete if the attributes after it are unreadable',
    (text) => {
      const body = attributedBody(text);
      const end = body.indexOf('iI');
      expect(bodyText(null, body.subarray(0, end))).toBe(text.trim());
      expect(bodyText(null, Buffer.concat([body.subarray(0, end), Buffer.alloc(500, 0x84)]))).toBe(
        text.trim(),
      );
    },
  );

  it.each([
    ['a missing body', null],
    ['a body that is not a typedstream', Buffer.from('hello')],
    ['a truncated typedstream', attributedBody('some text').subarray(0, 100)],
    [
      'a typedstream with a wrong length',
      Buffer.concat([Buffer.from([0x84, 0x01, 0x2b, 0x82, 0xff]), Buffer.alloc(9)]),
    ],
    ['an empty body', Buffer.alloc(0)],
  ])('the text is empty for %s', (_, body) => {
    expect(bodyText(null, body)).toBe('');
  });
});
