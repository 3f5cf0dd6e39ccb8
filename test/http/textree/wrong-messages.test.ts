/** Tests invalid messages of the Textree API: 422 for a field, 400 for an unparsable body. Nothing is stored. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { expectErrorResponse, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

const VALID = { phone_number: '+15005550010', body: 'Hi' };

let homing: RunningBroker;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startInProcess();
  client = textreeClient(homing.url, homing.testKey);
});
afterAll(async () => {
  // Client errors are not logged as errors.
  expect(homing.log()).not.toMatch(/"level":"(error|fatal)"/);
  await homing?.dispose();
});

const expectNothingSent = async () =>
  expect((await clientFor(homing.url, homing.testKey).get('/v1/messages')).body.messages).toEqual([]);

describe('POST /messages', () => {
  it.each<[string, unknown, RegExp]>([
    ['without a recipient', { body: 'Hi' }, /^'phone_number' is required\.$/],
    [
      'with its recipient in `to`',
      { to: '+15005550010', body: 'Hi' },
      /^'to' is not supported\. Set the recipient in 'phone_number'\.$/,
    ],
    [
      'with `phone_number` and `to`',
      { ...VALID, to: '+15005550010' },
      /^'to' is not supported\. Set the recipient in 'phone_number'\.$/,
    ],
    ['with null as its recipient', { ...VALID, phone_number: null }, /'phone_number' must be a string/],
    ['to an invalid number', { ...VALID, phone_number: '4155550100' }, /E\.164/],
    ['to a list', { ...VALID, phone_number: ['+15005550010'] }, /'phone_number' must be a string/],
    ['without a body', { phone_number: '+15005550010' }, /^'body' is required\.$/],
    ['with an empty body', { ...VALID, body: '' }, /'body' must not be empty/],
    ['with a body of 1601 characters', { ...VALID, body: 'a'.repeat(1_601) }, /at most 1600 characters/],
    ['with a body of 1601 emoji', { ...VALID, body: '🙂'.repeat(1_601) }, /at most 1600 characters/],
    ['with a NUL character', { ...VALID, body: 'a\0b' }, /cannot be sent/],
    ['with an unpaired surrogate', `{"phone_number":"+15005550010","body":"\\ud83d"}`, /cannot be sent/],
    ['with a number as its body', { ...VALID, body: 5 }, /'body' must be a string/],
    ['with a key of 7 characters', { ...VALID, idempotency_key: '1234567' }, /8 to 128 printable ASCII/],
    [
      'with a key of 129 characters',
      { ...VALID, idempotency_key: 'x'.repeat(129) },
      /8 to 128 printable ASCII/,
    ],
    ['with a key of non-ASCII characters', { ...VALID, idempotency_key: 'ключ-ключ' }, /printable ASCII/],
    ['with a line break in its key', { ...VALID, idempotency_key: '12345678\n' }, /printable ASCII/],
    ['with a number as its key', { ...VALID, idempotency_key: 12345678 }, /must be a string/],
    ['with a list as metadata', { ...VALID, metadata: [1] }, /'metadata' must be a JSON object/],
    ['with a string as metadata', { ...VALID, metadata: 'x' }, /'metadata' must be a JSON object/],
    ['with metadata over 4 KB', { ...VALID, metadata: { a: 'x'.repeat(4_096) } }, /at most 4 KB/],
    [
      'with metadata nested 20,000 deep',
      `{"phone_number":"+15005550010","body":"Hi","metadata":{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`,
      /at most 4 KB/,
    ],
    ['with a negative cost', { ...VALID, estimated_cost_cents: -1 }, /whole number of cents/],
    ['with a fractional cost', { ...VALID, estimated_cost_cents: 0.5 }, /whole number of cents/],
    ['with a string as its cost', { ...VALID, estimated_cost_cents: '1' }, /whole number of cents/],
    [
      'with an infinite cost',
      `{"phone_number":"+15005550010","body":"Hi","estimated_cost_cents":1e999}`,
      /cents/,
    ],
    ['that is a list', [VALID], /must be a JSON object/],
    ['that is null', 'null', /must be a JSON object/],
  ])('returns 422 for a message %s', async (_case, body, message) => {
    expectErrorResponse(await client.post('/messages', body), 422, 'invalid_request', { message });
    await expectNothingSent();
  });

  it.each([
    ['that is empty', ''],
    ['that is truncated', '{"phone_number":"+15005550010","body":"Hi"'],
    ['that is a form', 'phone_number=%2B15005550010&body=Hi'],
    ['that is not UTF-8', Buffer.from('{"phone_number":"+15005550010","body":"\xff"}', 'latin1')],
  ])('returns 400 for a body %s', async (_case, body) => {
    expectErrorResponse(await client.post('/messages', body), 400, 'invalid_request');
    await expectNothingSent();
  });

  it('returns 413 for a body over 64 KB', async () => {
    const body = JSON.stringify({ ...VALID, more: 'x'.repeat(70_000) });
    expectErrorResponse(await client.post('/messages', body), 413, 'payload_too_large');
    await expectNothingSent();
  });

  it('accepts unknown fields and null in optional fields', async () => {
    const all = { ...VALID, phone_number: 'x' };
    const nulls = { idempotency_key: null, metadata: null, estimated_cost_cents: null, colour: 'blue' };
    // The error names the only invalid field.
    expectErrorResponse(await client.post('/messages', { ...all, ...nulls }), 422, 'invalid_request', {
      message: /'phone_number'/,
    });
    await expectNothingSent();
  });
});
