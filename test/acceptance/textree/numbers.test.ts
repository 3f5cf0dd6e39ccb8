/** Tests the list of numbers, and purchases without a provider and in the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, pairDevice } from '../../support/http-client.ts';
import {
  expectErrorResponse,
  normalizedBody,
  type TextreeClient,
  textreeClient,
} from '../../support/textree-client.ts';

let homing: HomingProcess;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startHoming();
  client = textreeClient(homing.url, homing.liveKey);
});
afterAll(() => homing?.dispose());

describe('GET /numbers', () => {
  it('returns paired, unverified and paused numbers', async () => {
    expect(normalizedBody(await client.get('/numbers'))).toBe('{"numbers":[]}');
    const plain = clientFor(homing.url, homing.liveKey);
    await pairDevice(homing, '+14155550199');
    await plain.post('/v1/numbers/verify', { phone_number: '+14155550198' });
    await pairDevice(homing, '+14155550197');
    const listed = (await plain.get('/v1/numbers')).body.numbers;
    await plain.put(`/v1/numbers/${listed[2].id}`, { status: 'paused', label: 'Night shift' });

    const response = await client.get('/numbers');
    expect(response.body.numbers.map(({ id }: { id: string }) => id)).toEqual(
      listed.map(({ id }: { id: string }) => id),
    );
    const row = (number: string, name: string | null, status: string) =>
      `{"id":"num_ID","number":"${number}","friendly_name":${JSON.stringify(name)},"capabilities":["imessage"],"status":"${status}","inbound_webhook_url":null,"compliance_status":"not_required","created_at":"TIME"}`;
    expect(normalizedBody(response)).toBe(
      `{"numbers":[${[
        row('+14155550199', null, 'connected'),
        row('+14155550198', null, 'pending'),
        row('+14155550197', 'Night shift', 'disabled'),
      ].join(',')}]}`,
    );
  });

  it('returns the default sandbox number after its first send', async () => {
    const sandbox = textreeClient(homing.url, homing.testKey);
    await sandbox.send({ phone_number: '+15005550010' });
    const { numbers } = (await sandbox.get('/numbers')).body;
    expect(numbers).toMatchObject([
      { number: '+15005550006', friendly_name: 'Sandbox', capabilities: ['imessage'], status: 'connected' },
    ]);
  });
});

describe('POST /numbers', () => {
  const purchase = {
    area_code: '415',
    friendly_name: 'Support',
    inbound_webhook_url: 'https://example.com/in',
  };

  it('returns 503 for a live token without a messaging provider', async () => {
    const before = (await client.get('/numbers')).body;
    expectErrorResponse(await client.post('/numbers', purchase), 503, 'provider_not_configured', {
      message: /No messaging provider/,
      fix: /TWILIO_ACCOUNT_SID/,
    });
    expect((await client.get('/numbers')).body).toEqual(before);
  });

  it('returns fictional numbers for a test token, with area codes for a pending number and an error', async () => {
    const sandbox = textreeClient(homing.url, homing.testKey);
    const { number, webhook_configured } = (await sandbox.post('/numbers', purchase)).body;
    expect([number.status, webhook_configured]).toEqual(['connected', true]);
    const pending = await sandbox.post('/numbers', { ...purchase, area_code: '998' });
    expect(pending.status).toBe(201);
    expect(pending.body).toMatchObject({ number: { status: 'pending' }, webhook_configured: false });
    const none = await sandbox.post('/numbers', { ...purchase, area_code: '999' });
    expectErrorResponse(none, 422, 'invalid_request', { message: /No number is for sale/ });
    const { numbers } = (await sandbox.get('/numbers')).body;
    expect(numbers.slice(-2)).toMatchObject([
      { id: number.id, status: 'connected', inbound_webhook_url: purchase.inbound_webhook_url },
      { id: pending.body.number.id, status: 'pending', inbound_webhook_url: purchase.inbound_webhook_url },
    ]);
  });
});
