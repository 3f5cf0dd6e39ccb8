/** A device by its token: `Authorization: Bearer dev_…`. */
import type { IncomingMessage } from 'node:http';
import { HomingError } from '../core/errors.ts';
import type { DeviceContext } from './context.ts';
import type { Identity } from './session.ts';

const BEARER = /^Bearer\s+(dev_[\w-]{43})$/i;

export async function identifyDevice(
  request: IncomingMessage,
  { store, secrets }: Pick<DeviceContext, 'store' | 'secrets'>,
): Promise<Identity> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  const device = token === undefined ? undefined : await store.read.devices.findByToken(secrets.hash(token));
  if (device === undefined) throw new HomingError('unauthorized', 'Invalid or missing device token.');
  return { device, numbers: await store.read.numbers.ofDevice(device.id) };
}
