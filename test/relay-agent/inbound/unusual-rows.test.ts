/** Tests rows that are too large, damaged or hostile. */
import fc from 'fast-check';
import { buildBinary, type PlistValue } from 'plist';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { repeatingPropertyList } from '../../support/fake-mac/hostile-values.ts';
import { InboundReader } from '../../support/fake-mac/inbound-reader.ts';
import { attributedBody } from '../../support/fake-mac/typedstream.ts';

const ALICE = '+14155550100';

describe('unusual rows', () => {
  let reader: InboundReader;
  beforeEach(() => {
    reader = new InboundReader();
  });
  afterEach(() => reader.dispose());

  describe('the limits of an item', () => {
    it('a long text is shortened, with a problem', () => {
      reader.file.receive('a'.repeat(120_000));
      reader.file.receive('\u0001'.repeat(90_000));
      reader.file.receive('ß'.repeat(99_000));
      expect(reader.poll().map(({ text }) => text.length)).toEqual([100_000, 20_000, 99_000]);
      expect(reader.problems).toEqual([
        'Only the first 100000 of 120000 characters of a message were reported.',
        'Only the first 20000 of 90000 characters of a message were reported.',
      ]);
    });

    it('other long values are shortened or left out', () => {
      const change = { subject: 's'.repeat(20_000), expressive_send_style_id: 'e'.repeat(200) };
      const group = { guid: 'any;+;chat1', name: 'n'.repeat(500), participants: [ALICE, 'x'.repeat(400)] };
      reader.file.receive('hi', { group, change });
      const [item] = reader.poll();
      expect(item).toMatchObject({ text: 'hi', subject: 's'.repeat(10_000), chat_name: 'n'.repeat(400) });
      expect(item).not.toHaveProperty('effect');
      expect(item).not.toHaveProperty('participants');
    });

    it('a message without a valid sender or guid is not reported, and the next one is', () => {
      reader.file.receive('hi', { from: 'x'.repeat(400) });
      reader.file.receive('hi', { guid: 'g'.repeat(300) });
      reader.file.receive('hello');
      expect(reader.poll().map(({ text }) => text)).toEqual(['hello']);
      expect(reader.problems).toEqual([
        'A message was not reported: its field from is invalid.',
        'A message was not reported: its field guid is invalid.',
      ]);
    });
  });

  it('a message without a readable text is reported with its other fields, and the problem once', () => {
    reader.file.receive('', { change: { attributedBody: Buffer.from('hello'), subject: 'Tonight' } });
    expect(reader.settle()).toMatchObject([{ text: '', subject: 'Tonight', from: ALICE }]);
    reader.file.receive('next');
    reader.settle();
    expect(reader.problems).toEqual(['The text of a message cannot be read.']);
  });

  it('no row stops the reading', () => {
    const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
    const lists = fc.oneof(
      bytes,
      fc.jsonValue().map((value) => Buffer.from(buildBinary(value as PlistValue))),
      fc.constantFrom(repeatingPropertyList(3, { isCyclic: true })),
    );
    const bodies = fc.oneof(
      bytes,
      fc.string({ unit: 'binary' }).map((text) => attributedBody(text)),
      fc.tuple(fc.string(), fc.nat({ max: 150 })).map(([text, end]) => attributedBody(text).subarray(0, end)),
    );
    const number = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, 1, 2, 3, 2000, 2006, 3006, 4000));
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 500 }), fc.constant(null));
    const value = {
      ...{ text, subject: text, group_title: text, service: text, balloon_bundle_id: text },
      ...{ thread_originator_guid: text, thread_originator_part: text, expressive_send_style_id: text },
      ...{ associated_message_guid: text, associated_message_emoji: text, destination_caller_id: text },
      ...{ item_type: number, group_action_type: number, other_handle: number, handle_id: number },
      ...{ associated_message_type: number, date: number, date_read: number, date_edited: number },
      ...{ date_retracted: number, is_read: number, is_empty: number, error: number, is_sent: number },
      ...{ attributedBody: bodies, message_summary_info: lists, payload_data: lists },
    };
    const change = fc
      .record(value, { requiredKeys: [] })
      .map((columns) => columns as Record<string, string | number | Buffer | null>);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 5 }), fc.boolean(), (changes, isOwn) => {
        for (const columns of changes) {
          if (isOwn) reader.file.type('', { change: columns });
          else reader.file.receive('', { change: columns });
        }
        const guid = reader.file.receive('the last one');
        expect(reader.settle().map((item) => item.guid)).toContain(guid);
      }),
      { numRuns: 100 },
    );
  });

  it('the placeholder of an app, and the description of a reaction without a target, are no texts', () => {
    reader.file.receive('\uFFFD', { change: { balloon_bundle_id: 'com.example.app' } });
    reader.file.receive('Loved “hi”', { change: { associated_message_type: 2000 } });
    reader.file.receive('next');
    expect(reader.poll().map(({ text }) => text)).toEqual(['next']);
  });
});
