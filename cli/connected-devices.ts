/** Tells which devices of the data folder's broker are connected. */
import { isAnswering, recordedBroker } from '../broker/broker-record.ts';
import { isOnline } from '../broker/core/model/number.ts';
import type { Tenant } from '../broker/core/model/tenant.ts';
import type { LocalStore } from './local-store.ts';

export interface ConnectedDevices {
  /** The broker runs. Without it no device is connected. */
  isRunning: boolean;
  countTargets(numberId: string): number;
}

export async function readConnectedDevices(local: LocalStore, tenant: Tenant): Promise<ConnectedDevices> {
  const { store, config, keyContext } = local;
  const record = recordedBroker(config.dataDir);
  const isRunning = record !== undefined && (await isAnswering(record));
  const numbers = await store.read.numbers.overview(tenant.id, '');
  const online = (await store.read.devices.list()).filter(
    (device) => isRunning && device.revokedAt === null && isOnline(device, keyContext.now()),
  );
  const counts = new Map(
    numbers.map(({ id, phoneNumber }) => [
      id,
      online.filter((device) => device.numbers.includes(phoneNumber)).length,
    ]),
  );
  return { isRunning, countTargets: (numberId) => counts.get(numberId) ?? 0 };
}
