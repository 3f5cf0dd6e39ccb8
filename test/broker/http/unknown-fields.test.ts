/** Tests which names count as misspelled. */
import { expect, it } from 'vitest';
import { closestField } from '../../../broker/http/unknown-fields.ts';

const KNOWN = ['to', 'from', 'content', 'media_url', 'send_at', 'metadata', 'name', 'tag'];

it.each([
  ['TO', 'to'],
  ['sendAt', 'send_at'],
  ['Send-At', 'send_at'],
  ['SENDAT', 'send_at'],
  ['contet', 'content'],
  ['contents', 'content'],
  ['contemt', 'content'],
  ['conetnt', 'content'],
  ['mediaURL', 'media_url'],
  ['form', 'from'],
])('%s is a misspelled %s', (name, field) => {
  expect(closestField(name, KNOWN)).toBe(field);
});

it.each(['id', 'too', 'tags', 'data', 'text', 'media', 'cntnt', 'campaign', '', 'a'.repeat(10_000)])(
  '%j is no misspelled field',
  (name) => {
    expect(closestField(name, KNOWN)).toBeUndefined();
  },
);
