/**
 * Checks the guarantees of the queue under faults: 10,000 messages through 10 devices over both transports, with lost
 * connections, lost responses, and repeated and reordered reports.
 */
import { describe, expect, it } from 'vitest';
import { startHoming } from '../support/homing-process.ts';
import { endedMessages } from '../support/message-status.ts';
import { type AcceptedMessage, type Route, sendLoad } from '../support/ordered-load.ts';
import { unlimitedPlansFile } from '../support/plans.ts';
import { createRandom } from '../support/random.ts';
import { UnreliableDevice } from '../support/unreliable-device.ts';

const ROUTES_PER_DEVICE = 20;
const MESSAGES_PER_ROUTE = 50;
const FAULTS = { passesPerLoss: 300, repeat: 0.2, isReordering: true };
const KINDS = [
  { transport: 'websocket', isJournaling: true },
  { transport: 'websocket', isJournaling: true },
  { transport: 'websocket', isJournaling: true },
  { transport: 'websocket', isJournaling: false },
  { transport: 'websocket', isJournaling: false },
  { transport: 'poll', isJournaling: true, isAcknowledging: true },
  { transport: 'poll', isJournaling: true, isAcknowledging: false },
  { transport: 'poll', isJournaling: true, isAcknowledging: false },
  { transport: 'poll', isJournaling: false, isAcknowledging: true },
  { transport: 'poll', isJournaling: false, isAcknowledging: false },
] as const;

describe('the guarantees of the queue', () => {
  it('hold for 10,000 messages through 10 unreliable devices', { timeout: 600_000 }, async () => {
    const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
    const random = createRandom(seed);
    console.log(`seed ${seed}`);
    const homing = await startHoming({
      HOMING_PLANS_FILE: unlimitedPlansFile(),
      HOMING_LEASE_SECONDS: '2',
      HOMING_REPORT_TIMEOUT_SECONDS: '4',
    });
    const devices: UnreliableDevice[] = [];
    try {
      const routes: Route[] = [];
      const numbers: string[] = [];
      for (const [index, kind] of KINDS.entries()) {
        const number = `+1415555${1000 + index}`;
        const { json } = await homing.cli('pair', number, '--json');
        numbers.push(number);
        devices.push(
          new UnreliableDevice({ url: homing.url, token: json[0].token, faults: FAULTS, random, ...kind }),
        );
        for (let route = 0; route < ROUTES_PER_DEVICE; route += 1) {
          routes.push({ from: number, to: `+1415${6_000_000 + index * 100 + route}` });
        }
      }
      for (const device of devices) device.start();
      const accepted: AcceptedMessage[] = [];
      await sendLoad({
        url: homing.url,
        key: homing.liveKey,
        routes,
        messagesPerRoute: MESSAGES_PER_ROUTE,
        connections: 16,
        accepted,
      });
      expect(accepted).toHaveLength(KINDS.length * ROUTES_PER_DEVICE * MESSAGES_PER_ROUTE);

      const ended = await endedMessages(homing.url, homing.liveKey, 150_000);
      expect(ended).toHaveLength(accepted.length);
      const statusOf = new Map(ended.map(({ id, status }) => [id, status]));
      const acceptedById = new Map(accepted.map((message) => [message.id, message]));

      for (const [index, device] of devices.entries()) {
        const kind = KINDS[index]!;
        const own = accepted.filter(({ from }) => from === numbers[index]);
        const name = `device ${index} (${kind.transport}, ${kind.isJournaling ? 'journals' : 'no journal'})`;
        expect(device.disconnects, `${name} was disconnected`).toBeGreaterThan(3);

        const times = new Map<string, number>();
        for (const { message } of device.sent) times.set(message, (times.get(message) ?? 0) + 1);
        expect(
          [...times.values()].filter((count) => count > 1),
          `${name} sent twice`,
        ).toEqual([]);
        if (kind.isJournaling) {
          expect(
            own.filter(({ id }) => !times.has(id)),
            `${name} never sent`,
          ).toEqual([]);
          expect(
            own.filter(({ id }) => statusOf.get(id) !== 'delivered'),
            `${name} not delivered`,
          ).toEqual([]);
        } else {
          const repeated = [...device.arrivals].filter(([, count]) => count > 1);
          // A confirming poll may repeat a response that the client did not receive.
          expect(repeated, `${name} received a message twice`).toEqual([]);
          expect(own.some(({ id }) => statusOf.get(id) === 'delivered')).toBe(true);
        }

        const lastOf = new Map<string, number>();
        for (const { message, to } of device.sent) {
          const { index: place } = acceptedById.get(message)!;
          expect(place, `${name} kept the order for ${to}`).toBeGreaterThan(lastOf.get(to) ?? -1);
          lastOf.set(to, place);
        }
      }
    } finally {
      await Promise.all(devices.map((device) => device.stop()));
      await homing.dispose();
    }
  });
});
