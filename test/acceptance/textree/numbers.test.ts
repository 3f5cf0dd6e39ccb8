/** The list of numbers, and buying where nobody sells. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HomingProcess, startHoming } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { expectRefusal, shown, type TextreeClient, textreeClient } from '../../support/textree-client.ts';

let homing: HomingProcess;
let client: TextreeClient;

beforeAll(async () => {
  homing = await startHoming({ HOMING_ALLOW_NUMBER_PURCHASES: '1' });
  client = textreeClient(homing.url, homing.liveKey);
});
afterAll(() => homing?.dispose());

describe('the list of numbers', () => {
  it('shows what is paired, what is not verified yet and what is paused', async () => {
    expect(shown(await client.get('/numbers'))).toBe('{"numbers":[]}');
    const plain = clientFor(homing.url, homing.liveKey);
    await homing.cli('pair', '+14155550199');
    await plain.post('/v1/numbers/verify', { phone_number: '+14155550198' });
    await homing.cli('pair', '+14155550197');
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
  it.each(['live', 'test'])('with a %s token answers 503 while nobody sells', async (environment) => {
    const buyer = textreeClient(homing.url, environment === 'live' ? homing.liveKey : homing.testKey);
    const before = (await buyer.get('/numbers')).body;
    const answer = await buyer.post('/numbers', { area_code: '415', friendly_name: 'Support' });
    expectRefusal(answer, 503, 'provider_not_configured', {
      message: /no messaging provider/,
      fix: /TWILIO_ACCOUNT_SID/,
    });
    expect((await buyer.get('/numbers')).body).toEqual(before);
  });
});
