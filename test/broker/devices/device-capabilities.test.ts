/** Tests the capabilities of devices: the stored list, the list in `GET /v1/numbers`, and the effect on the queue. */

import { afterAll, beforeAll, expect, it } from 'vitest';
import { capabilityBits } from '../../../broker/core/model/capability.ts';
import { CAPABILITIES } from '../../../shared/capabilities.ts';
import type { RunningBroker } from '../../support/homing-process.ts';
import { clientFor } from '../../support/http-client.ts';
import { startInProcess } from '../../support/in-process-broker.ts';
import { pairedLine } from '../../support/paired-line.ts';
import { hello, openSocket, textsOf } from '../../support/raw-device.ts';
import { until } from '../../support/until.ts';

let broker: RunningBroker;
beforeAll(async () => {
  broker = await startInProcess();
});
afterAll(() => broker?.dispose());

it('GET /v1/numbers lists the known capabilities of hello, and those of a later health report', async () => {
  const line = await pairedLine(broker);
  expect((await line.listed()).capabilities).toEqual([]);
  const socket = await openSocket(broker.url, line.token);
  socket.say(hello({ capabilities: ['journal', 'subject', 'imessage', 'reactions', 'new_feature'] }));
  await socket.next('welcome');
  expect((await line.listed()).capabilities).toEqual(['reactions', 'subject']);
  socket.say({ type: 'health', capabilities: ['journal', 'typing'] });
  await until('the new list', async () => (await line.listed()).capabilities.join() === 'typing');
  socket.say({ type: 'health', signed_in: true });
  socket.say({ type: 'nonsense' });
  await socket.next('error');
  expect((await line.listed()).capabilities).toEqual(['typing']);
  socket.terminate();
  await until('an empty list', async () => (await line.listed()).capabilities.length === 0);
});

it('GET /v1/numbers lists all capabilities for a sandbox number', async () => {
  const client = clientFor(broker.url, broker.testKey);
  await client.post('/v1/numbers/verify', { phone_number: '+14155550198' });
  const { body } = await client.get('/v1/numbers');
  expect(body.numbers[0].capabilities).toEqual([...CAPABILITIES]);
});

it('a device receives a message that needs a capability when its health report names it', async () => {
  const line = await pairedLine(broker);
  const socket = await openSocket(broker.url, line.token);
  socket.say(hello({ capabilities: ['imessage', 'journal', 'replies'] }));
  await socket.next('welcome');
  await line.queue({ content: 'plain', handle: '+14155550101' });
  await line.queue({ content: 'with a subject', needs: capabilityBits(['subject']) });
  await line.queue({ content: 'behind it' });
  await line.queue({ content: 'a reply', handle: '+14155550102', needs: capabilityBits(['replies']) });
  await until('the first messages', () => textsOf(socket.received).includes('a reply'));
  expect(textsOf(socket.received)).toEqual(['plain', 'a reply']);
  socket.received.length = 0;
  socket.say({ type: 'health', capabilities: ['imessage', 'journal', 'replies', 'subject'] });
  await until('the other messages', () => textsOf(socket.received).length === 2);
  expect(textsOf(socket.received)).toEqual(['with a subject', 'behind it']);
  socket.terminate();
});
