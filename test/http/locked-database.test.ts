/** Tests that the broker answers other requests while another process has the write lock of the database. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { lockWrites } from '../support/broker-database.ts';
import type { RunningBroker } from '../support/homing-process.ts';
import { startInProcess } from '../support/in-process-broker.ts';

let homing: RunningBroker;
beforeAll(async () => {
  homing = await startInProcess();
});
afterAll(() => homing.dispose());

it('a send waits for the lock, and GET /healthz returns 200 meanwhile', async () => {
  const unlock = await lockWrites(homing);
  let isSent = false;
  const sending = fetch(`${homing.url}/v1/messages/send`, {
    method: 'POST',
    headers: { 'x-api-key': homing.testKey, 'content-type': 'application/json' },
    body: JSON.stringify({ to: '+15005550014', content: 'Hello' }),
  }).finally(() => {
    isSent = true;
  });
  for (let request = 0; request < 5; request += 1) {
    expect((await fetch(`${homing.url}/healthz`)).status).toBe(200);
  }
  expect(isSent).toBe(false);
  await unlock();
  expect((await sending).status).toBe(202);
});
