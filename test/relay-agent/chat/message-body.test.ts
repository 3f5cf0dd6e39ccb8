import { describe, expect, it } from 'vitest';
import { bodyText } from '../../../relay-agent/chat/message-body.ts';
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

  it.each([
    ['nothing', null],
    ['no typedstream', Buffer.from('hello')],
    ['one that is cut off', attributedBody('some text').subarray(0, 90)],
    ['an empty one', Buffer.alloc(0)],
  ])('is empty for %s', (_, body) => {
    expect(bodyText(null, body)).toBe('');
  });
});
