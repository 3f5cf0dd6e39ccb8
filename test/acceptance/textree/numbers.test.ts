/** The list of numbers, and buying from nobody and from the sandbox. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor, pairDevice } from '../../support/http-client.ts';
import { expectRefusal, shown, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

let homing: HomingProcess;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startHoming();
  client = textreeClient(homing.url, homing.liveKey);
});
afterAll(() => homing?.dispose());

describe('the list of numbers', () => {
  it('shows what is paired, what is not verified yet and what is paused', async () => {
    expect(shown(await client.get('/numbers'))).toBe('{"numbers":[]}');
    const plain = clientFor(homing.url, homing.liveKey);
    await pairDevice(homing, '+14155550199');
    await plain.post('/v1/numbers/verify', { phone_number: '+14155550198' });
    await pairDevice(homing, '+14155550197');
    const listed = (await plain.get('/v1/numbers')).body.numbers;
    await plain.put(`/v1/numbers/${listed[2].id}`, { status: 'paused', label: 'Night shift' });

    const answer = await client.get('/numbers');
    expect(answer.body.numbers.map(({ id }: { id: string }) => id)).toEqual(
      listed.map(({ id }: { id: string }) => id),
    );
    const row = (number: string, name: string | null, status: string) =>
      `{"id":"num_ID","number":"${number}","friendly_name":${JSON.stringify(name)},"capabilities":["imessage"],"status":"${status}","inbound_webhook_url":null,"compliance_status":"not_required","created_at":"TIME"}`;
    expect(shown(answer)).toBe(
      `{"numbers":[${[
        row('+14155550199', null, 'connected'),
        row('+14155550198', null, 'pending'),
        row('+14155550197', 'Night shift', 'disabled'),
      ].join(',')}]}`,
    );
  });

  it('shows the sandbox’s sender once it was used', async () => {
    const sandbox = textreeClient(homing.url, homing.testKey);
    await sandbox.send({ phone_number: '+15005550010' });
    const { numbers } = (await sandbox.get('/numbers')).body;
    expect(numbers).toMatchObject([
      { number: '+15005550006', friendly_name: 'Sandbox', capabilities: ['imessage'], status: 'connected' },
    ]);
  });
});

describe('buying a number', () => {
  const wanted = {
    area_code: '415',
    friendly_name: 'Support',
    inbound_webhook_url: 'https://example.com/in',
  };

  it('with a live token answers 503 while nobody sells', async () => {
    const before = (await client.get('/numbers')).body;
    expectRefusal(await client.post('/numbers', wanted), 503, 'provider_not_configured', {
      message: /no messaging provider/,
      fix: /TWILIO_ACCOUNT_SID/,
    });
    expect((await client.get('/numbers')).body).toEqual(before);
  });

  it('with a test token gives a fictional one, also where it can’t be connected or none is for sale', async () => {
    const sandbox = textreeClient(homing.url, homing.testKey);
    const { number, webhook_configured } = (await sandbox.post('/numbers', wanted)).body;
    expect([number.status, webhook_configured]).toEqual(['connected', true]);
    const pending = await sandbox.post('/numbers', { ...wanted, area_code: '998' });
    expect(pending.status).toBe(201);
    expect(pending.body).toMatchObject({ number: { status: 'pending' }, webhook_configured: false });
    const none = await sandbox.post('/numbers', { ...wanted, area_code: '999' });
    expectRefusal(none, 422, 'invalid_request', { message: /No number is for sale/ });
    const { numbers } = (await sandbox.get('/numbers')).body;
    expect(numbers.slice(-2)).toMatchObject([
      { id: number.id, status: 'connected', inbound_webhook_url: wanted.inbound_webhook_url },
      { id: pending.body.number.id, status: 'pending', inbound_webhook_url: wanted.inbound_webhook_url },
    ]);
  });
});
