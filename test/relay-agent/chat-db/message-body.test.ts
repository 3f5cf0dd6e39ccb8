import { type NSString, Unarchiver } from '@parseaple/typedstream';
import { describe, expect, it } from 'vitest';
import { bodyText } from '../../../relay-agent/chat-db/message-body.ts';
import { attributedBody } from '../../support/fake-mac/typedstream.ts';

describe('the text of a row', () => {
  it.each([
    ['plain', 'hi'],
    ['emoji', '👋🏽👨‍👩‍👧‍👦 done'],
    ['200 bytes', 'x'.repeat(200)],
    ['5,000 characters', 'ß'.repeat(5_000)],
    ['100,000 characters', 'a'.repeat(100_000)],
    ['lines', 'one\ntwo\n\nthree'],
  ])('is read from a typedstream: %s', (_, text) => {
    expect(bodyText(null, attributedBody(text))).toBe(text);
    expect(bodyText('', attributedBody(text))).toBe(text);
  });

  it('is the column where that has it', () => {
    expect(bodyText('column', attributedBody('body'))).toBe('column');
  });

  it('is empty for an attachment alone, and keeps the words beside one', () => {
    expect(bodyText(null, attributedBody('\uFFFC'))).toBe('');
    expect(bodyText(null, attributedBody('\uFFFClook'))).toBe('look');
  });

  it('is whole beside mentions, attachments and links', () => {
    const part = { __kIMMessagePartAttributeName: 0 };
    const body = attributedBody('\uFFFC@Zoë see https://example.com 👋🏽', [
      { length: 1, attributes: { ...part, __kIMFileTransferGUIDAttributeName: 'at_0_ABC' } },
      { length: 4, attributes: { ...part, __kIMMentionConfirmedMention: '+14155550100' } },
      { length: 5, attributes: part },
      { length: 19, attributes: { ...part, __kIMLinkAttributeName: 'https://example.com' } },
      { length: 5, attributes: part },
    ]);
    // By the library alone, without what stands in for it.
    const [text] = [Unarchiver.open(body).decodeSingleRoot()].flat() as [NSString];
    expect(text.string).toContain('@Zoë');
    expect(bodyText(null, body)).toBe('@Zoë see https://example.com 👋🏽');
  });

  it.each(['short', 'ß'.repeat(200), 'long '.repeat(10_000)])(
    'is whole where what comes after it can’t be read',
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
    ['nothing', null],
    ['no typedstream', Buffer.from('hello')],
    ['one that is cut off within', attributedBody('some text').subarray(0, 100)],
    [
      'one whose length is wrong',
      Buffer.concat([Buffer.from([0x84, 0x01, 0x2b, 0x82, 0xff]), Buffer.alloc(9)]),
    ],
    ['an empty one', Buffer.alloc(0)],
  ])('is empty for %s', (_, body) => {
    expect(bodyText(null, body)).toBe('');
  });
});
