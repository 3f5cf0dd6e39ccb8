/** Authenticates devices by their token: `Authorization: Bearer dev_…`. */
import type { IncomingMessage } from 'node:http';
import { HomingError } from '../core/model/errors.ts';
import type { DeviceContext } from './context.ts';
import type { Identity } from './session.ts';

const BEARER = /^Bearer\s+(dev_[\w-]{43})$/i;

/** Returns undefined if the token is missing, unknown or revoked. */
export async function identityOf(
  token: string | undefined,
  { store, secrets }: Pick<DeviceContext, 'store' | 'secrets'>,
): Promise<Identity | undefined> {
  const device = token === undefined ? undefined : await store.read.devices.findByToken(secrets.hash(token));
  return device && { device, numbers: await store.read.numbers.ofDevice(device.id) };
}

/** @throws HomingError unauthorized */
export async function authenticateDevice(
  request: IncomingMessage,
  context: Pick<DeviceContext, 'store' | 'secrets'>,
): Promise<Identity> {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  const identity = await identityOf(token, context);
  if (identity === undefined) throw new HomingError('unauthorized', 'Invalid or missing device token.');
  return identity;
}
