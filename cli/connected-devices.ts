/** Tells which devices of the data folder's broker are connected. */
import { isAnswering, recordedBroker } from '../broker/broker-record.ts';
import { isOnline } from '../broker/core/model/number.ts';
import type { Tenant } from '../broker/core/model/tenant.ts';
import type { LocalStore } from './local-store.ts';

export interface ConnectedDevices {
  /** Undefined: the broker does not run, so no device is connected. */
  broker: BrokerRecord | undefined;
  /** The devices of the tenant that were not revoked. */
  devices: ReadonlyArray<ListedDevice & { isOnline: boolean }>;
  countTargets(numberId: string): number;
}

type BrokerRecord = NonNullable<ReturnType<typeof recordedBroker>>;
type ListedDevice = Awaited<ReturnType<LocalStore['store']['read']['devices']['list']>>[number];

export async function readConnectedDevices(local: LocalStore, tenant: Tenant): Promise<ConnectedDevices> {
  const { store, config, keyContext } = local;
  const record = recordedBroker(config.dataDir);
  const broker = record !== undefined && (await isAnswering(record)) ? record : undefined;
  const now = keyContext.now();
  const devices = (await store.read.devices.list())
    .filter(({ tenantId, revokedAt }) => tenantId === tenant.id && revokedAt === null)
    .map((device) => ({ ...device, isOnline: broker !== undefined && isOnline(device, now) }));
  const numbers = await store.read.numbers.overview(tenant.id, '');
  const counts = new Map(
    numbers.map(({ id, phoneNumber }) => [
      id,
      devices.filter((device) => device.isOnline && device.numbers.includes(phoneNumber)).length,
    ]),
  );
  return { broker, devices, countTargets: (numberId) => counts.get(numberId) ?? 0 };
}
