/** Tests the complete error bodies of the Textree API. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import {
  createToken,
  normalizedBody,
  type TextreeClient,
  textreeClient,
} from '../../support/textree-client.ts';

let homing: RunningBroker;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startInProcess();
  client = textreeClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

it('POST /messages returns 422 with a message for an invalid field', async () => {
  expect(
    normalizedBody(await client.post('/messages', { to: '+15005550010', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"invalid_request","message":"'to' is not supported. Set the recipient in 'phone_number'.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('POST /messages returns 400 for invalid JSON', async () => {
  expect(normalizedBody(await client.post('/messages', '{'))).toMatchInlineSnapshot(
    `"{"error":{"code":"invalid_request","message":"The request body is not valid JSON.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('GET /numbers returns 401 with the next step for an unknown token', async () => {
  expect(normalizedBody(await textreeClient(homing.url, 'none').get('/numbers'))).toMatchInlineSnapshot(
    `"{"error":{"code":"unauthorized","message":"Invalid or missing API key. The key in the header Authorization: Bearer does not have the format of an API key.","fix":"Send the header \`Authorization: Bearer <token>\` with a valid token. Create a token with \`homing keys create\`.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('POST /messages returns 403 with the missing scope', async () => {
  const reader = await createToken(homing, { permissions: 'messages:read' });
  expect(
    normalizedBody(await reader.post('/messages', { phone_number: '+15005550010', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"insufficient_scope","message":"This token does not have the 'messages:write' scope.","fix":"Create a token with the scope: \`homing keys create --permissions messages:write\`.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('POST /messages returns 403 for a recipient outside the sandbox', async () => {
  expect(
    normalizedBody(await client.post('/messages', { phone_number: '+15005550030', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"recipient_not_verified","message":"+15005550030 is not a sandbox number. A test token can send to sandbox numbers only.","fix":"Send to +15005550010 … +15005550016, +15005550020 … +15005550023 or +15005550040 … +15005550046, or use a live token.","retry":"retry_after_verification","request_id":"req_ID"}}"`,
  );
});

it('POST /messages returns 403 for a suppressed recipient', async () => {
  await client.post('/contacts', { phone_number: '+15005550016', opted_out: true });
  expect(
    normalizedBody(await client.post('/messages', { phone_number: '+15005550016', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"workspace_suppressed","message":"+15005550016 has opted out of your messages.","fix":"Do not send to this number. Its owner can opt in by texting START.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('POST /messages returns 402 over the spend limit', async () => {
  await client.put('/billing/spend-limit', { cents: 5 });
  const dear = { phone_number: '+15005550010', body: 'Hi', estimated_cost_cents: 6 };
  expect(normalizedBody(await client.post('/messages', dear))).toMatchInlineSnapshot(
    `"{"error":{"code":"spend_limit_exceeded","message":"The cost of this message (6 cents) exceeds the rest of the monthly spend limit (5 cents).","fix":"Raise the limit with PUT /api/v1/billing/spend-limit, or wait for the next month.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('GET /messages/:id returns 404 for an unknown id', async () => {
  expect(normalizedBody(await client.get('/messages/none'))).toMatchInlineSnapshot(
    `"{"error":{"code":"not_found","message":"Message not found.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('POST /contacts returns 409 for a second contact with the same number', async () => {
  await client.post('/contacts', { phone_number: '+14155550100' });
  expect(
    normalizedBody(await client.post('/contacts', { phone_number: '+14155550100' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"conflict","message":"A contact with the handle +14155550100 exists.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('POST /numbers returns 503 without a messaging provider', async () => {
  const live = textreeClient(homing.url, homing.liveKey);
  expect(
    normalizedBody(await live.post('/numbers', { area_code: '415', friendly_name: 'Support' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"provider_not_configured","message":"No messaging provider is configured, so numbers cannot be purchased.","fix":"Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and restart the broker.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});
