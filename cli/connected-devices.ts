/** Reads which devices are connected to the broker of the data folder, or to another broker on its database. */
import { isAnswering, recordedBroker } from '../broker/broker-record.ts';
import { isOnline } from '../broker/core/model/number.ts';
import type { Tenant } from '../broker/core/model/tenant.ts';
import type { Store } from '../broker/core/ports/store.ts';
import type { LocalStore } from './local-store.ts';

export interface ConnectedDevices {
  /** Undefined: the broker does not run, so no device is connected. */
  broker: BrokerRecord | undefined;
  /** The devices of the tenant that were not revoked. */
  devices: ReadonlyArray<ListedDevice & { isOnline: boolean }>;
  hasTarget(numberId: string): boolean;
}

type BrokerRecord = NonNullable<ReturnType<typeof recordedBroker>>;
type ListedDevice = Awaited<ReturnType<LocalStore['store']['read']['devices']['list']>>[number];

/** A broker that does not run any more may have had a heartbeat a moment ago. */
const HEARTBEAT_MAX_MS = 60_000;

/** Returns whether a device is connected. A killed broker did not record the end of its sessions. */
export async function connectedAt(
  store: Store,
  record: BrokerRecord | undefined,
  isRecordRunning: boolean,
  now: number,
): Promise<(device: ListedDevice) => boolean> {
  const running = await store.read.brokers.running(now - HEARTBEAT_MAX_MS);
  if (record?.brokerId !== undefined) {
    if (isRecordRunning) running.add(record.brokerId);
    else running.delete(record.brokerId);
  }
  return (device) => device.brokerId !== null && running.has(device.brokerId) && isOnline(device, now);
}

export async function readConnectedDevices(local: LocalStore, tenant: Tenant): Promise<ConnectedDevices> {
  const { store, config, keyContext } = local;
  const record = recordedBroker(config.dataDir);
  const broker = record !== undefined && (await isAnswering(record)) ? record : undefined;
  const now = keyContext.now();
  const isConnected = await connectedAt(store, record, broker !== undefined, now);
  const devices = (await store.read.devices.list())
    .filter(({ tenantId, revokedAt }) => tenantId === tenant.id && revokedAt === null)
    .map((device) => ({ ...device, isOnline: isConnected(device) }));
  const numbers = await store.read.numbers.overview(tenant.id, '');
  const counts = new Map(
    numbers.map(({ id, phoneNumber }) => [
      id,
      devices.filter((device) => device.isOnline && device.numbers.includes(phoneNumber)).length,
    ]),
  );
  return { broker, devices, hasTarget: (numberId) => (counts.get(numberId) ?? 0) > 0 };
}
