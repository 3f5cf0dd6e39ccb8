/**
 * Sends messages through a cluster, to devices on both transports and to shortcuts, with a webhook, an event stream, and two
 * accounts that exceed their limits.
 */
import { createAccount, findTenant } from '../../../broker/core/accounts/accounts.ts';
import { createKey } from '../../../broker/core/accounts/api-keys.ts';
import type { Permission } from '../../../broker/core/model/api-key.ts';
import { DEFAULT_PLANS, type Plan } from '../../../broker/core/model/plan.ts';
import { pairNumber } from '../../../broker/core/numbers/device-pairing.ts';
import type { HomingProcess } from '../homing-process.ts';
import { besideBroker, clientFor } from '../http-client.ts';
import type { AcceptedMessage } from '../ordered-load.ts';
import { type PersistentLoad, startPersistentLoad } from '../persistent-load.ts';
import { ROOMY, writePlans } from '../plans-file.ts';
import { type Receiver, startReceiver } from '../receiver.ts';
import { NO_FAULTS, UnreliableDevice } from '../unreliable-device.ts';
import { until } from '../until.ts';
import type { Cluster } from './cluster.ts';
import { EventReader } from './event-reader.ts';
import { LimitLoad } from './limit-load.ts';
import { Phone } from './phone.ts';

const DEVICES = 100;
/** Three of five are connected over WebSocket, two over long-poll. */
const isSocket = (index: number) => index % 5 < 3;
/** The account of these devices has the webhook; that of the others has the event stream. */
const HOOKED_DEVICES = 30;
const PHONES = 4;
const MESSAGES_PER_PHONE = 20;
const REPEAT_SHARE = 0.05;
/** Share of the webhook requests whose response is lost. */
const LOST_SHARE = 0.02;
const REQUEST_MAX_MS = 8_000;
const RETRY_MS = 500;
const RECONNECT_MS = 200;
export const MINUTE_LIMIT = 30;
export const MONTH_LIMIT = 50;

/** Environment of the brokers. */
export function trafficSettings(): Record<string, string> {
  return {
    HOMING_PLANS_FILE: writePlans({
      enterprise: { ...ROOMY, api_requests_per_minute: 1e9, messages_per_minute: 1e9 },
      minute: { ...ROOMY, messages_per_minute: MINUTE_LIMIT },
      month: { ...ROOMY, messages_per_month: MONTH_LIMIT },
    }),
    HOMING_ALLOW_PRIVATE_URLS: '1',
    HOMING_LEASE_SECONDS: '5',
    HOMING_REPORT_TIMEOUT_SECONDS: '15',
  };
}

export interface Line {
  number: string;
  token: string;
}

export interface Traffic {
  /** Tokens of all devices. */
  tokens: string[];
  /** Numbers of the shortcuts. */
  phoneNumbers: ReadonlySet<string>;
  /** Numbers of the account with the webhook. */
  hookedNumbers: ReadonlySet<string>;
  /** Number of the account with a limit a minute, and of the one with a limit a month. */
  limitedNumbers: [string, string];
  loads: PersistentLoad[];
  limitLoads: LimitLoad[];
  /** What each device sent, in its order; without the accounts with limits. */
  sent(): Array<ReadonlyArray<{ message: string; to: string }>>;
  receiver: Receiver;
  reader: EventReader;
  /** Milliseconds from the response of a broker until a device of another broker had the message. */
  latencies: number[];
  /** Settles when every message is accepted. */
  accepted: Promise<AcceptedMessage[]>;
  /** Disconnects the devices. */
  stop(): Promise<void>;
}

export interface TrafficOptions {
  messages: number;
  perSecond: number;
  /** When the accounts with limits stop. */
  isOver: () => boolean;
  random: () => number;
}

export async function startTraffic(cluster: Cluster, options: TrafficOptions): Promise<Traffic> {
  const { proxy, brokers, liveKey } = cluster;
  const { random, isOver } = options;
  const { url } = proxy;
  const {
    lines: [hookedLines = [], otherLines = [], phoneLines = [], minuteLines = [], monthLines = []],
    keys: [hookedKey = '', minuteKey = '', monthKey = ''],
  } = await prepare(brokers[0]);

  const acceptedAt = new Map<string, { at: number; broker: string | null }>();
  const latencies: number[] = [];
  const onAccepted = ({ id }: AcceptedMessage, served: string | null) =>
    acceptedAt.set(id, { at: performance.now(), broker: served });
  const onSent = (message: string, token: string) => {
    const accepted = acceptedAt.get(message);
    if (accepted !== undefined && accepted.broker !== String(proxy.brokerOf(token)))
      latencies.push(performance.now() - accepted.at);
  };
  const deviceOf = ({ token }: Line, index: number) =>
    new UnreliableDevice({
      ...{ url, token, transport: isSocket(index) ? 'websocket' : 'poll', isJournaling: true },
      ...{ isAcknowledging: true, faults: NO_FAULTS, states: ['sent', 'delivered'], random },
      ...{ reconnectMs: RECONNECT_MS, onSent: (message) => onSent(message, token) },
    });
  const devices = [...hookedLines, ...otherLines].map(deviceOf);
  const phones = phoneLines.map(({ token }) => new Phone({ url, token }));
  const limitedDevices = [...minuteLines, ...monthLines].map(deviceOf);
  const all = [...devices, ...phones, ...limitedDevices];
  for (const device of all) device.start();

  const receiver = await startReceiver();
  receiver.respondWith((response) => {
    if (random() < LOST_SHARE) response.destroy();
    else response.writeHead(200).end();
  });
  await clientFor(url, hookedKey).post('/v1/webhooks', {
    ...{ url: receiver.url, events: ['message.sent', 'message.delivered'] },
  });
  const reader = new EventReader(url, liveKey);
  reader.start();
  await until('the stream to open', () => reader.connections > 0);

  const perDevice = Math.ceil((options.messages - PHONES * MESSAGES_PER_PHONE) / DEVICES);
  const loadOf = (name: string, key: string, lines: readonly Line[], messagesPerRoute: number) =>
    startPersistentLoad({
      ...{ url, key, name, random, messagesPerRoute, onAccepted },
      ...{ requestMaxMs: REQUEST_MAX_MS, retryMs: RETRY_MS, repeatShare: REPEAT_SHARE },
      routes: lines.map(({ number }) => ({ from: number, to: number.replace('+1415555', '+1415600') })),
      perSecond: (options.perSecond * lines.length * messagesPerRoute) / options.messages,
    });
  const loads = [
    loadOf('hooked', hookedKey, hookedLines, perDevice),
    loadOf('others', liveKey, otherLines, perDevice),
    loadOf('phones', liveKey, phoneLines, MESSAGES_PER_PHONE),
  ];
  const limitLoads = [minuteKey, monthKey].map((key, index) => {
    const [{ number: from } = { number: '' }] = [minuteLines, monthLines][index] ?? [];
    return new LimitLoad({ url, from, isOver, key });
  });
  return {
    tokens: [...hookedLines, ...otherLines, ...phoneLines, ...minuteLines, ...monthLines].map(
      ({ token }) => token,
    ),
    phoneNumbers: numbersOf(phoneLines),
    hookedNumbers: numbersOf(hookedLines),
    limitedNumbers: [minuteLines[0]?.number ?? '', monthLines[0]?.number ?? ''],
    ...{ loads, limitLoads, receiver, reader, latencies },
    sent: () => [...devices, ...phones].map(({ sent }) => sent),
    accepted: Promise.all(loads.map(({ done }) => done)).then(() =>
      loads.flatMap(({ accepted }) => accepted),
    ),
    async stop() {
      await Promise.all(all.map((device) => device.stop()));
      await Promise.all([reader.stop(), receiver.close()]);
    },
  };
}

const numbersOf = (lines: readonly Line[]) => new Set(lines.map(({ number }) => number));

/** Creates the accounts with their keys, and pairs a device with each number. */
function prepare(broker: HomingProcess): Promise<{ lines: Line[][]; keys: string[] }> {
  const plan = DEFAULT_PLANS.enterprise as Plan;
  return besideBroker(broker, (store, keyContext) =>
    store.transaction(async (tx) => {
      let paired = 0;
      const pair = async (account: string, count: number): Promise<Line[]> => {
        const tenant = await findTenant(tx, account, 'live');
        const lines: Line[] = [];
        for (let index = 0; index < count; index += 1) {
          paired += 1;
          const number = `+1415555${1000 + paired}`;
          const { token } = await pairNumber(tx, tenant, plan, number, 'Device', keyContext);
          lines.push({ number, token });
        }
        return lines;
      };
      const keys: string[] = [];
      for (const [slug, name] of Object.entries({ hooked: 'enterprise', minute: 'minute', month: 'month' })) {
        await createAccount(tx, slug, name, { [name]: plan }, keyContext);
        const permissions: Permission[] = ['*'];
        const input = { label: 'cluster', permissions, environment: 'live', account: slug } as const;
        keys.push((await createKey(tx, input, keyContext, 'tb')).key);
      }
      const lines = [
        await pair('hooked', HOOKED_DEVICES),
        await pair('default', DEVICES - HOOKED_DEVICES),
        await pair('default', PHONES),
        await pair('minute', 1),
        await pair('month', 1),
      ];
      return { lines, keys };
    }),
  );
}
