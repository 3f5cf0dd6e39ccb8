/** Errors of the Textree API to the letter. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { createToken, shown, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

let homing: RunningBroker;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startInProcess();
  client = textreeClient(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

it('a field: 422', async () => {
  expect(shown(await client.post('/messages', { to: '+15005550010', body: 'Hi' }))).toMatchInlineSnapshot(
    `"{"error":{"code":"invalid_request","message":"Name the recipient in 'phone_number', not in 'to'.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('a body that can’t be read: 400', async () => {
  expect(shown(await client.post('/messages', '{'))).toMatchInlineSnapshot(
    `"{"error":{"code":"invalid_request","message":"The request body is not valid JSON.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('no token: 401', async () => {
  expect(shown(await textreeClient(homing.url, 'none').get('/numbers'))).toMatchInlineSnapshot(
    `"{"error":{"code":"unauthorized","message":"Invalid or missing API key.","fix":"Send the header \`Authorization: Bearer <token>\` with a token that is not revoked; \`homing keys create\` makes one.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('no scope: 403', async () => {
  const reader = await createToken(homing, { permissions: 'messages:read' });
  expect(
    shown(await reader.post('/messages', { phone_number: '+15005550010', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"insufficient_scope","message":"This token does not have the 'messages:write' scope.","fix":"Use a token that has 'messages:write'; \`homing keys create --permissions messages:write\` makes one.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('a recipient outside the sandbox: 403', async () => {
  expect(
    shown(await client.post('/messages', { phone_number: '+15005550030', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"recipient_not_verified","message":"+15005550030 is not a sandbox number. A test token can send to sandbox numbers only.","fix":"Write to +15005550010 … +15005550016 or +15005550020 … +15005550023, or use a live token.","retry":"retry_after_verification","request_id":"req_ID"}}"`,
  );
});

it('a recipient that has opted out: 403', async () => {
  await client.post('/contacts', { phone_number: '+15005550016', opted_out: true });
  expect(
    shown(await client.post('/messages', { phone_number: '+15005550016', body: 'Hi' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"workspace_suppressed","message":"+15005550016 has opted out of your messages.","fix":"Do not write to this number. Whoever owns it opts in again by texting START.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('over the spend limit: 402', async () => {
  await client.put('/billing/spend-limit', { cents: 5 });
  const dear = { phone_number: '+15005550010', body: 'Hi', estimated_cost_cents: 6 };
  expect(shown(await client.post('/messages', dear))).toMatchInlineSnapshot(
    `"{"error":{"code":"spend_limit_exceeded","message":"The cost of this message (6 cents) exceeds the rest of the monthly spend limit (5 cents).","fix":"Raise the limit with PUT /api/v1/billing/spend-limit, or wait until the month is over.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('nothing there: 404', async () => {
  expect(shown(await client.get('/messages/none'))).toMatchInlineSnapshot(
    `"{"error":{"code":"not_found","message":"Message not found.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('twice the same: 409', async () => {
  await client.post('/contacts', { phone_number: '+14155550100' });
  expect(shown(await client.post('/contacts', { phone_number: '+14155550100' }))).toMatchInlineSnapshot(
    `"{"error":{"code":"conflict","message":"A contact with the handle +14155550100 exists.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});

it('nobody sells numbers: 503', async () => {
  const live = textreeClient(homing.url, homing.liveKey);
  expect(
    shown(await live.post('/numbers', { area_code: '415', friendly_name: 'Support' })),
  ).toMatchInlineSnapshot(
    `"{"error":{"code":"provider_not_configured","message":"This broker has no messaging provider to buy a number from.","fix":"Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN and start the broker again.","retry":"do_not_retry","request_id":"req_ID"}}"`,
  );
});
