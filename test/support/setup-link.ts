/**
 * Pairs devices with a running broker like `homing pair --json`, and reads which of them have connected. Starts no
 * process, unlike the command line.
 */
import { formatId, parseId } from '../../shared/ids.ts';
import { rowsOf } from './broker-database.ts';
import type { RunningBroker } from './homing-process.ts';
import { pairDevice } from './http-client.ts';

export interface SetupLink {
  device: string;
  number: string;
  token: string;
  setup_url: string;
  code: string;
}

export async function createSetupLink(
  broker: RunningBroker,
  number: string,
  publicUrl = broker.url,
): Promise<SetupLink> {
  const { token, code, deviceId } = await pairDevice(broker, number);
  const setup_url = `${publicUrl}/setup-shortcut?token=${code}`;
  return { device: formatId('dev', deviceId), number, token, setup_url, code };
}

/** Returns the platform that the device reported; null: it has never connected. */
export async function platformOf(broker: RunningBroker, device: string): Promise<string | null> {
  const sql = 'SELECT platform FROM devices WHERE id = ?';
  const [row] = await rowsOf<{ platform: string | null }>(broker, sql, parseId('dev', device) ?? '');
  return row?.platform ?? null;
}
