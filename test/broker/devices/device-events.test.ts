/** Tests which events the connections and the health reports of a device cause, with a manual clock. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceHealth } from '../../../broker/core/model/device-health.ts';
import type { DeviceSubject } from '../../../broker/core/model/event.ts';
import { DeviceEvents } from '../../../broker/devices/device-events.ts';
import { firstIdAt } from '../../../shared/ids.ts';
import { type TemporaryStore, temporaryStore } from '../../support/temporary-store.ts';

const NUMBER = '+14155550199';
const HEALTHY: DeviceHealth = {
  ...{ at: 1, hasFullDiskAccess: true, hasAutomation: true, isMessagesRunning: true, isSignedIn: true },
  ...{ batteryPercent: 80, queued: 0, os: 'macos 26', clockOffsetMs: 0, asleepSince: null },
  ...{ slept: null, sleepMinutes: null, isNumberInUse: null },
};

let base: TemporaryStore;
let events: DeviceEvents;
let deviceId: string;

beforeEach(async () => {
  base = await temporaryStore();
  events = new DeviceEvents(base);
  const number = await base.addNumber(NUMBER);
  deviceId = base.ids();
  await base.store.transaction(async (tx) => {
    await tx.streams.recordUntil(base.live.id, base.now() + 86_400_000);
    await tx.devices.insert(
      {
        ...{ id: deviceId, tenantId: base.live.id, name: 'Office Mac', platform: null, agent: null },
        ...{ lastSeenAt: null, disconnectedAt: null, createdAt: base.now(), revokedAt: null },
      },
      'hash',
    );
    await tx.devices.attach(deviceId, number.id);
  });
});
afterEach(() => base.close());

async function stored() {
  const limit = { maxEvents: 1_000, maxBytes: 10_000_000 };
  const found = await base.store.read.events.after(base.live.id, firstIdAt(0), limit);
  return found.map(({ type, subject }) => ({ type, ...(subject as DeviceSubject).device }));
}

async function types() {
  await events.tick();
  return (await stored()).map(({ type }) => type);
}

it('the first connection is an event with the name and the numbers of the device', async () => {
  events.connected(deviceId);
  await events.tick();
  expect(await stored()).toEqual([
    {
      ...{ type: 'device.online', id: deviceId, name: 'Office Mac', numbers: [NUMBER] },
      ...{ numberIds: [expect.any(String)], problem: null, message: null },
    },
  ]);
});

it('a device that reconnects within 10 s causes no event, and a later one causes two', async () => {
  events.connected(deviceId);
  expect(await types()).toEqual(['device.online']);
  events.disconnected(deviceId);
  base.advance(9_999);
  expect(await types()).toEqual(['device.online']);
  events.connected(deviceId);
  base.advance(60_000);
  expect(await types()).toEqual(['device.online']);
  events.disconnected(deviceId);
  base.advance(10_000);
  expect(await types()).toEqual(['device.online', 'device.offline']);
  events.connected(deviceId);
  expect(await types()).toEqual(['device.online', 'device.offline', 'device.online']);
});

it('a system clock that is set changes nothing', async () => {
  events.connected(deviceId);
  await events.tick();
  events.disconnected(deviceId);
  base.setClock(3_600_000);
  expect(await types()).toEqual(['device.online']);
  base.setClock(-7_200_000);
  base.advance(10_000);
  await events.tick();
  expect((await stored()).map(({ type }) => type).toSorted()).toEqual(['device.offline', 'device.online']);
});

it('a device that was connected at the end of the broker has 60 s to reconnect', async () => {
  events.connected(deviceId);
  expect(await types()).toEqual(['device.online']);
  events = new DeviceEvents(base);
  events.resume([deviceId]);
  base.advance(59_999);
  expect(await types()).toEqual(['device.online']);
  events.connected(deviceId);
  base.advance(60_000);
  expect(await types()).toEqual(['device.online']);
  events = new DeviceEvents(base);
  events.resume([deviceId]);
  base.advance(60_000);
  expect(await types()).toEqual(['device.online', 'device.offline']);
});

it('a problem is an event when it is new in the health report, after the event of the connection', async () => {
  events.connected(deviceId);
  events.healthReported(deviceId, { ...HEALTHY, isSignedIn: false });
  events.healthReported(deviceId, { ...HEALTHY, isSignedIn: false, hasFullDiskAccess: false });
  await events.tick();
  events.healthReported(deviceId, HEALTHY);
  events.healthReported(deviceId, { ...HEALTHY, isSignedIn: false });
  await events.tick();
  expect((await stored()).map(({ type, problem }) => [type, problem])).toEqual([
    ['device.online', null],
    ['device.problem', 'signed_out'],
    ['device.problem', 'full_disk_access'],
    ['device.problem', 'signed_out'],
  ]);
  expect((await stored())[1]?.message).toBe('Messages is not signed in to iMessage.');
});

it('a persistent problem causes no further event after a short interruption', async () => {
  events.connected(deviceId);
  events.healthReported(deviceId, { ...HEALTHY, asleepSince: 5 });
  await events.tick();
  events.disconnected(deviceId);
  base.advance(5_000);
  events.connected(deviceId);
  events.healthReported(deviceId, { ...HEALTHY, asleepSince: 5 });
  expect(await types()).toEqual(['device.online', 'device.problem']);
});

it('a device causes at most 20 problem events a minute', async () => {
  events.connected(deviceId);
  for (let n = 0; n < 200; n += 1) {
    events.healthReported(deviceId, { ...HEALTHY, isMessagesRunning: n % 2 === 0 });
  }
  expect((await types()).filter((type) => type === 'device.problem')).toHaveLength(20);
});

it('the events of a failed transaction are stored by the next tick, in order', async () => {
  const { store } = base;
  let isFailing = true;
  const faulty = {
    ...base,
    store: {
      ...store,
      transaction: (work: Parameters<typeof store.transaction>[0]) =>
        isFailing ? Promise.reject(new Error('disk full')) : store.transaction(work),
    } as typeof store,
  };
  const own = new DeviceEvents(faulty);
  own.connected(deviceId);
  await expect(own.tick()).rejects.toThrow('disk full');
  own.disconnected(deviceId);
  base.advance(10_000);
  await expect(own.tick()).rejects.toThrow('disk full');
  isFailing = false;
  await own.tick();
  expect((await stored()).map(({ type }) => type)).toEqual(['device.online', 'device.offline']);
});

describe('with another broker', () => {
  let others: DeviceEvents;
  beforeEach(() => {
    others = new DeviceEvents(base);
  });

  async function allTypes() {
    await others.tick();
    return types();
  }

  /** Stores that the device is connected to a broker, or to none. */
  const connect = (brokerId: string | null) =>
    base.store.transaction(async (tx) => {
      await tx.deviceSessions.begin({
        ...{ deviceId, sessionId: base.ids(), brokerId: 'any', transport: 'websocket' as const },
        ...{ platform: 'mac', agent: 'agent/1', capabilities: [], at: base.now() },
      });
      const { sessionId } = (await tx.deviceSessions.find(deviceId)) ?? {};
      await tx.deviceSessions.recordPresence([
        [deviceId, { sessionId: sessionId ?? '', lastSeenAt: base.now(), brokerId }],
      ]);
    });

  it('a device that moves within 10 s causes no event, and does not repeat its problems', async () => {
    events.connected(deviceId);
    events.healthReported(deviceId, { ...HEALTHY, asleepSince: 5 });
    expect(await types()).toEqual(['device.online', 'device.problem']);
    await connect('other');
    others.connected(deviceId, { ...HEALTHY, asleepSince: 5 });
    events.disconnected(deviceId);
    others.healthReported(deviceId, { ...HEALTHY, asleepSince: 5 });
    base.advance(60_000);
    expect(await allTypes()).toEqual(['device.online', 'device.problem']);
    others.healthReported(deviceId, { ...HEALTHY, isSignedIn: false });
    expect(await allTypes()).toEqual(['device.online', 'device.problem', 'device.problem']);
  });

  it('a device that two brokers expect causes one event', async () => {
    events.connected(deviceId);
    await events.tick();
    events.disconnected(deviceId);
    others.resume([deviceId]);
    base.advance(60_000);
    expect(await allTypes()).toEqual(['device.online', 'device.offline']);
    events.connected(deviceId);
    others.connected(deviceId);
    expect((await allTypes()).filter((type) => type === 'device.online')).toHaveLength(2);
  });

  it('a device whose broker stopped causes an event within 15 s', async () => {
    events.connected(deviceId);
    await events.tick();
    await connect(null);
    await others.readAway();
    base.advance(9_999);
    await others.readAway();
    expect(await allTypes()).toEqual(['device.online']);
    base.advance(1);
    expect(await allTypes()).toEqual(['device.online', 'device.offline']);
  });
});

it('a revoked device causes no event', async () => {
  events.connected(deviceId);
  await events.tick();
  await base.store.transaction((tx) => tx.devices.revoke(deviceId, base.now()));
  events.disconnected(deviceId);
  base.advance(10_000);
  expect(await types()).toEqual(['device.online']);
});
