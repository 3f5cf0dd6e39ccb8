/**
 * Reads the status of an API key's account at a remote broker. The API returns less than the database: no uptime, and
 * devices only by their numbers. Parts that the key may not read stay empty.
 */
import { HomingApiError } from '../../client/src/index.ts';
import type { RemoteBroker } from '../remote-broker.ts';
import { type StatusReport, WAITING_MAX } from './status-report.ts';

/** A connected device was seen within this time. */
const ONLINE_MS = 2 * 60_000;
const NUMBERS_MAX = 50;
const PAGE = 100;

export async function remoteStatus(broker: RemoteBroker): Promise<StatusReport> {
  const { GET, unwrap } = broker.homing;
  const { numbers } = await permitted(() => unwrap(GET('/v1/numbers')), { numbers: [] });
  const { webhooks } = await permitted(() => unwrap(GET('/v1/webhooks')), { webhooks: [] });
  const isRecent = (time: string | null) => time !== null && Date.now() - Date.parse(time) < ONLINE_MS;
  const states: StatusReport['numbers'] = [];
  for (const { id, phone_number, label, status } of numbers.slice(0, NUMBERS_MAX)) {
    const usage = await unwrap(GET('/v1/numbers/{id}/usage', { params: { path: { id } } }));
    const { at, reason } = usage.next_free_slot;
    states.push({
      ...{ phone_number, label, status, queued: usage.queued, next_message_at: at, reason },
    });
  }
  return {
    broker: { running: true, url: broker.url, version: await versionOf(broker), uptime_seconds: null },
    brokers: [],
    devices: numbers.flatMap(({ device_name, phone_number, last_seen_at }) =>
      device_name === null
        ? []
        : [{ name: device_name, numbers: [phone_number], online: isRecent(last_seen_at), last_seen_at }],
    ),
    numbers: states,
    waiting: await permitted(() => waitingMessages(broker), []),
    webhooks: {
      pending: null,
      oldest_pending_at: null,
      inactive: webhooks.filter(({ active }) => !active).map(({ url }) => url),
    },
  };
}

/** Lists begin with the newest message: the oldest ones of the first page are the oldest known. */
async function waitingMessages({ homing: { messages } }: RemoteBroker): Promise<StatusReport['waiting']> {
  const page = await messages.list({ status: 'queued', direction: 'outbound', limit: PAGE });
  const oldest = page.messages.toReversed().slice(0, WAITING_MAX);
  return oldest.map(({ id, from, to, created_at, waiting }) => ({
    ...{ id, from, to, created_at },
    until: waiting?.until ?? null,
    reason: waiting?.reason ?? null,
    message: waiting?.message ?? 'Earlier messages are sent first.',
  }));
}

/** The description of the API contains the version. */
async function versionOf({ url }: RemoteBroker): Promise<string | null> {
  const response = await fetch(new URL('/openapi/texting-blue.json', url)).catch(() => undefined);
  const document: unknown = response?.ok ? await response.json() : undefined;
  if (typeof document !== 'object' || document === null || !('info' in document)) return null;
  const { info } = document;
  return typeof info === 'object' && info !== null && 'version' in info ? String(info.version) : null;
}

async function permitted<T>(request: () => Promise<T>, otherwise: T): Promise<T> {
  try {
    return await request();
  } catch (error) {
    if (error instanceof HomingApiError && error.code === 'forbidden') return otherwise;
    throw error;
  }
}
