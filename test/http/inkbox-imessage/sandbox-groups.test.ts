/** Tests the outcome of a message to a group of test numbers, for each participant. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RunningBroker } from '../../support/homing-process.ts';
import { type Client, clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { until } from '../../support/until.ts';

const MESSAGES = '/api/v1/imessage/messages';

let homing: RunningBroker;
let client: Client;
beforeAll(async () => {
  homing = await startInProcess();
  client = clientFor(homing.url, homing.testKey);
});
afterAll(() => homing?.dispose());

/** Sends to a group and returns the message as soon as it has the status, and the statuses of its participants. */
async function sentTo(to: string[], status: string) {
  const { status: code, body, text } = await client.post(MESSAGES, { to, text: 'Hi all' });
  expect(code, text).toBe(201);
  return until(`the status ${status}`, async () => {
    const { body: messages } = await client.get(
      `${MESSAGES}?conversation_id=${body.message.conversation_id}`,
    );
    const found = messages.find(({ id }: { id: string }) => id === body.message.id);
    if (found.status !== status) return undefined;
    const recipients = found.recipients as { remote_number: string; delivery_status: string }[];
    return {
      message: found,
      statuses: Object.fromEntries(recipients.map((one) => [one.remote_number, one.delivery_status])),
    };
  });
}

it('a message fails with the reason of the numbers if it fails for all participants', async () => {
  const { message, statuses } = await sentTo(['+15005550020', '+15005550021'], 'error');
  expect(message.error_code).toBe('not_on_imessage');
  expect(statuses).toEqual({ '+15005550020': 'error', '+15005550021': 'error' });
});

it('the reason of one number counts more than the silence of another', async () => {
  const { message } = await sentTo(['+15005550013', '+15005550022'], 'error');
  expect(message.error_code).toBe('device_error');
});

it('a message is delivered to the participants whose numbers receive it', async () => {
  const to = ['+15005550010', '+15005550011', '+15005550020'];
  const { statuses } = await sentTo(to, 'delivered');
  expect(statuses).toEqual({ [to[0]!]: 'delivered', [to[1]!]: 'sent', [to[2]!]: 'sent' });
});

it('a message that no number receives stays sent', async () => {
  const { statuses } = await sentTo(['+15005550011', '+15005550020'], 'sent');
  expect(Object.values(statuses)).toEqual(['sent', 'sent']);
});

it('a message to a group with an SMS number is an SMS, and is delivered to all', async () => {
  const to = ['+15005550016', '+15005550010'];
  const { message, statuses } = await sentTo(to, 'delivered');
  expect([message.service, message.was_downgraded]).toEqual(['sms', true]);
  expect(Object.values(statuses)).toEqual(['delivered', 'delivered']);
});
