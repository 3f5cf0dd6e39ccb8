/**
 * Checks that every message with a 202 survives `kill -9` of the broker, ends delivered, and is sent once. Kills the
 * broker 20 times at random moments under load, with devices over both transports and the sandbox.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startHoming } from '../support/homing-process.ts';
import { endedMessages } from '../support/message-status.ts';
import { type AcceptedMessage, sendLoad } from '../support/ordered-load.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { createRandom } from '../support/random.ts';
import { NO_FAULTS, UnreliableDevice } from '../support/unreliable-device.ts';
import { until } from '../support/until.ts';

const ROUNDS = 20;
const NUMBERS = ['+14155551001', '+14155551002'];
const SANDBOX = '+15005550006';

describe('a broker that is killed', () => {
  it('loses no accepted message and sends no message twice', { timeout: 600_000 }, async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const random = createRandom(seed);
    console.log(`seed ${seed}`);
    const homing = await startHoming({ HOMING_PLANS_FILE: unlimitedPlansFile(), HOMING_LEASE_SECONDS: '2' });
    const devices: UnreliableDevice[] = [];
    try {
      for (const [index, number] of NUMBERS.entries()) {
        const { json } = await homing.cli('pair', number, '--json');
        const transport = index === 0 ? 'websocket' : 'poll';
        const options = { url: homing.url, token: json[0].token, transport, isJournaling: true } as const;
        devices.push(new UnreliableDevice({ ...options, faults: NO_FAULTS, random }));
      }
      for (const device of devices) device.start();

      const live: AcceptedMessage[] = [];
      const test: AcceptedMessage[] = [];
      let isKilled = false;
      for (let round = 0; round < ROUNDS; round += 1) {
        isKilled = false;
        const routesOf = (from: string) =>
          Array.from({ length: 8 }, (_, route) => ({ from, to: `+1415${6_000_000 + round * 100 + route}` }));
        const shared = {
          url: homing.url,
          messagesPerRoute: 10_000,
          connections: 8,
          isBrokerKilled: () => isKilled,
        };
        const load = Promise.all([
          sendLoad({ ...shared, key: homing.liveKey, routes: NUMBERS.flatMap(routesOf), accepted: live }),
          sendLoad({ ...shared, key: homing.testKey, routes: routesOf(SANDBOX), accepted: test }),
        ]).catch((error: unknown) => {
          if (!isKilled) throw error;
        });
        const before = live.length;
        await until('load', () => live.length > before + 20);
        await wait(random() * 150);
        isKilled = true;
        await homing.kill();
        await load;
        await homing.restart();
      }
      expect(live.length).toBeGreaterThan(ROUNDS * 20);

      for (const [key, accepted] of [
        [homing.liveKey, live],
        [homing.testKey, test],
      ] as const) {
        const messages = await endedMessages(homing.url, key, 90_000);
        expect(messages.filter(({ status }) => status !== 'delivered')).toEqual([]);
        const delivered = new Set(messages.map(({ id }) => id));
        expect(accepted.filter(({ id }) => !delivered.has(id))).toEqual([]);
      }
      const times = new Map<string, number>();
      for (const { message } of devices.flatMap(({ sent }) => sent))
        times.set(message, (times.get(message) ?? 0) + 1);
      expect([...times.values()].filter((count) => count !== 1)).toEqual([]);
      expect(live.filter(({ id }) => !times.has(id))).toEqual([]);
    } finally {
      await Promise.all(devices.map((device) => device.stop()));
      await homing.dispose();
    }
  });
});
