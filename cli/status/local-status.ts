/** Reads the status of one tenant from the local data folder, and asks the broker of the folder whether it runs. */
import { DIALECT } from '../../broker/apis/texting-blue/find-webhook.ts';
import { paceDefaultsOf } from '../../broker/config.ts';
import { Waits, waitMessage } from '../../broker/core/dispatch/waiting.ts';
import { calendarDay } from '../../broker/core/model/calendar.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import { usageOf } from '../../broker/core/numbers/number-usage.ts';
import { formatId } from '../../shared/ids.ts';
import { type ConnectedDevices, readConnectedDevices } from '../connected-devices.ts';
import type { LocalStore } from '../local-store.ts';
import { brokerRows } from './brokers.ts';
import { type BrokerState, type StatusReport, WAITING_MAX } from './status-report.ts';

export async function localStatus(local: LocalStore, tenant: Tenant): Promise<StatusReport> {
  const { store, config, keyContext } = local;
  const { read } = store;
  const now = keyContext.now();
  const connected = await readConnectedDevices(local, tenant);
  const numbers = await read.numbers.overview(tenant.id, calendarDay(now).day);
  const pace = paceDefaultsOf(config);
  return {
    broker: brokerState(connected, now),
    brokers: brokerRows(await read.brokers.list()),
    devices: connected.devices.map(({ name, numbers, isOnline, lastSeenAt }) => ({
      ...{ name, numbers, online: isOnline, last_seen_at: isoOrNull(lastSeenAt) },
    })),
    numbers: await Promise.all(
      numbers.map(async ({ id, phoneNumber, label, status }) => {
        const { queued, nextMessage } = await usageOf(read, tenant.id, id, pace, now);
        const next = { next_message_at: isoOrNull(nextMessage.at), reason: nextMessage.reason };
        return { phone_number: phoneNumber, label, status, queued, ...next };
      }),
    ),
    waiting: await waitingMessages(local, tenant, connected),
    webhooks: await webhookState(local, tenant),
  };
}

function brokerState({ broker }: ConnectedDevices, now: number): BrokerState {
  if (broker === undefined) return { running: false, url: null, version: null, uptime_seconds: null };
  const uptime = Math.max(0, Math.round((now - broker.startedAt) / 1000));
  return { running: true, url: broker.url, version: broker.version, uptime_seconds: uptime };
}

async function waitingMessages(
  { store: { read }, config, keyContext }: LocalStore,
  tenant: Tenant,
  { broker, hasTarget }: ConnectedDevices,
): Promise<StatusReport['waiting']> {
  const isRunning = broker !== undefined;
  const now = keyContext.now();
  const queued = await read.messages.list(tenant.id, { status: 'queued', after: '', limit: WAITING_MAX });
  const waits = new Waits(read, { pace: paceDefaultsOf(config), now, hasTarget });
  return Promise.all(
    queued.map(async (message) => {
      const wait = isRunning ? await waits.of(message) : undefined;
      return {
        id: formatId('msg', message.id),
        from: message.ownNumber,
        to: message.chat === null ? message.handle : null,
        created_at: new Date(message.createdAt).toISOString(),
        until: isoOrNull(wait?.until ?? null),
        reason: wait?.reason ?? null,
        message:
          wait === undefined
            ? isRunning
              ? 'Earlier messages are sent first.'
              : 'The broker does not run.'
            : waitMessage(wait),
      };
    }),
  );
}

async function webhookState(
  { store: { read } }: LocalStore,
  tenant: Tenant,
): Promise<StatusReport['webhooks']> {
  const { count, oldestAt } = await read.deliveries.pending();
  const webhooks = await read.webhooks.list(tenant.id, DIALECT);
  return {
    pending: count,
    oldest_pending_at: isoOrNull(oldestAt),
    inactive: webhooks.filter(({ isActive }) => !isActive).map(({ url }) => url),
  };
}

const isoOrNull = (at: number | null) => (at === null ? null : new Date(at).toISOString());
