/** Tests the devices of a broker that stops: they move to the other broker, spread over time, and lose no message. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findTenant } from '../../../broker/core/accounts/accounts.ts';
import { DEFAULT_PLANS, type Plan } from '../../../broker/core/model/plan.ts';
import { pairNumber } from '../../../broker/core/numbers/device-pairing.ts';
import { rowsOf } from '../../support/broker-database.ts';
import type { HomingProcess } from '../../support/homing-process.ts';
import { besideBroker, clientFor } from '../../support/http-client.ts';
import { hello, openSocket, poll, reportOf, requestsRead, textsOf } from '../../support/raw-device.ts';
import { startTwoBrokers, type TwoBrokers } from '../../support/two-brokers.ts';
import { until } from '../../support/until.ts';

const DEVICES = 130;
const GOING_AWAY = 1001;

interface PairedDevice {
  token: string;
  number: string;
}

let brokers: TwoBrokers;
let one: HomingProcess;
let other: HomingProcess;
beforeAll(async () => {
  brokers = await startTwoBrokers({ HOMING_DRAIN_SECONDS: '0' });
  ({ one, other } = brokers);
});
afterAll(() => brokers?.dispose());

/** Pairs many devices in one transaction. */
function pairAll(count: number): Promise<PairedDevice[]> {
  return besideBroker(one, (store, context) =>
    store.transaction(async (tx) => {
      const tenant = await findTenant(tx, 'default', 'live');
      const devices: PairedDevice[] = [];
      for (let n = 0; n < count; n += 1) {
        const number = `+1415556${1000 + n}`;
        const plan = DEFAULT_PLANS.enterprise as Plan;
        const { token } = await pairNumber(tx, tenant, plan, number, 'Device', context);
        devices.push({ token, number });
      }
      return devices;
    }),
  );
}

it('they get different delays, and receive each message once at the other broker', async () => {
  const devices = await pairAll(DEVICES);
  const [polling, ...connecting] = devices as [PairedDevice, ...PairedDevice[]];
  const sockets = await Promise.all(
    connecting.map(async ({ token }) => {
      const socket = await openSocket(other.url, token);
      socket.say(hello());
      await socket.next('welcome');
      return socket;
    }),
  );
  const opened = await poll(other.url, polling.token, { frames: [hello()], received: 0 });
  const parked = poll(other.url, polling.token, {
    ...{ session: opened.session, received: opened.answer, wait: 50 },
  });
  await requestsRead(other.url);
  expect(await other.stop()).toBe(0);
  const byes = await Promise.all(sockets.map((socket) => socket.next('bye')));
  const delays = byes.map(({ retry_after_s: seconds }) => seconds as number);
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...delays)).toBeLessThanOrEqual(2);
  expect(new Set(delays).size).toBeGreaterThan(30);
  expect(new Set(await Promise.all(sockets.map(({ closed }) => closed)))).toEqual(new Set([GOING_AWAY]));
  const { frames } = await parked;
  expect(frames).toMatchObject([{ type: 'bye', reason: 'shutdown' }]);
  await until('the stored disconnects', async () => {
    const rows = await rowsOf(one, 'SELECT id FROM devices WHERE broker_id IS NOT NULL');
    return rows.length === 0;
  });
  // Most devices are online for the receivers of events; none has left.
  expect(await rowsOf(one, "SELECT id FROM events WHERE type = 'device.offline'")).toEqual([]);

  const client = clientFor(one.url, one.liveKey);
  const [first] = connecting as [PairedDevice];
  for (const { number } of [first, polling]) {
    const body = { from: number, to: '+14155550100', content: `to ${number}` };
    expect((await client.post('/v1/messages/send', body)).status).toBe(202);
  }
  const socket = await openSocket(one.url, first.token);
  socket.say(hello());
  const { items } = await socket.next('deliver');
  expect(items).toMatchObject([{ text: `to ${first.number}`, attempt: 1 }]);
  socket.say(reportOf(1, items[0], 'sent'));
  await socket.next('ack');
  expect(socket.received.filter(({ type }) => type === 'deliver')).toEqual([]);
  const gone = await poll(one.url, polling.token, { session: opened.session, received: 0 });
  expect(gone.status).toBe(410);
  const again = await poll(one.url, polling.token, { frames: [hello()], received: 0 });
  const next = await poll(one.url, polling.token, {
    ...{ session: again.session, received: again.answer, wait: 10 },
  });
  expect(textsOf([...again.frames, ...next.frames])).toContain(`to ${polling.number}`);
  socket.terminate();
});
