/** Checks that the broker completes unfinished purchases when it starts. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ProviderBroker, startProviderBroker } from '../../support/provider-broker.ts';
import { until } from '../../support/until.ts';

let broker: ProviderBroker;
beforeEach(async () => {
  broker = await startProviderBroker();
});
afterEach(() => broker.dispose());

const numbers = async () =>
  (await broker.client.get('/v1/numbers')).body.numbers as { phone_number: string; verified: boolean }[];
const listed = (verified: boolean) =>
  until('the number', async () => (await numbers()).find((number) => number.verified === verified));

it('a number that was bought before the broker was killed is listed and connected at the next start', async () => {
  // The state after a kill during the purchase: the purchase is stored, and Twilio has the number, which is not listed.
  broker.twilio.loseResponse('POST', '/IncomingPhoneNumbers.json', 'reset');
  await expect(broker.buy('415')).rejects.toMatchObject({ code: 'provider_failed' });
  expect(await numbers()).toEqual([]);
  await broker.homing.kill();
  await broker.homing.restart();
  expect(await listed(true)).toMatchObject({ phone_number: '+14155550100' });
  const configured = broker.twilio.requests.filter(({ fields }) => fields.SmsUrl !== undefined);
  expect(configured.map(({ fields }) => fields.SmsUrl)).toEqual([
    `${broker.homing.url}/providers/twilio/inbound`,
  ]);
  const id = await broker.send('+14155550100', '+14155550142', 'It works');
  await broker.reaches(id, 'sent');
});

it('a number whose webhook could not be set is connected at the next start', async () => {
  broker.twilio.respondNext('POST', '/IncomingPhoneNumbers/PN', { status: 500 });
  await broker.buy('415');
  expect(await listed(false)).toMatchObject({ phone_number: '+14155550100' });
  const send = { from: '+14155550100', to: '+14155550142', content: 'Too early' };
  expect((await broker.client.post('/v1/messages/send', send)).status).toBe(400);
  await broker.homing.stop();
  await broker.homing.restart();
  expect(await listed(true)).toMatchObject({ phone_number: '+14155550100' });
});

it('a broker without the Twilio account starts and keeps the purchase for a later start with it', async () => {
  broker.twilio.loseResponse('POST', '/IncomingPhoneNumbers.json', 'reset');
  await expect(broker.buy('415')).rejects.toMatchObject({ code: 'provider_failed' });
  await broker.homing.stop();
  await broker.homing.restart({ TWILIO_ACCOUNT_SID: '', TWILIO_AUTH_TOKEN: '' });
  expect((await fetch(`${broker.homing.url}/providers/twilio/status`, { method: 'POST' })).status).toBe(404);
  expect(await numbers()).toEqual([]);
  await broker.homing.stop();
  await broker.homing.restart(broker.twilio.env);
  expect(await listed(true)).toMatchObject({ phone_number: '+14155550100' });
});
