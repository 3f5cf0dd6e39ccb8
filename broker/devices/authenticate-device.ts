/** Authenticates devices by their token, and limits failed attempts and polls. */
import type { IncomingMessage } from 'node:http';
import { rateLimited, unauthorized } from '../core/model/errors.ts';
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

/**
 * Valid tokens are never limited: the devices behind one proxy share its address.
 *
 * @throws HomingError unauthorized, or rate_limited after many attempts with wrong tokens
 */
export async function authenticateDevice(
  request: IncomingMessage,
  token: string | undefined,
  context: Pick<DeviceContext, 'store' | 'secrets' | 'failedTokens'>,
  message = 'Invalid or missing device token.',
): Promise<Identity> {
  const identity = await identityOf(token, context);
  if (identity === undefined) throw context.failedTokens.count(request, unauthorized(message));
  return identity;
}

/** Returns the token in `Authorization: Bearer dev_…`. */
export function bearerToken({ headers }: IncomingMessage): string | undefined {
  return BEARER.exec(headers.authorization ?? '')?.[1];
}

const POLLS_PER_MINUTE = 30_000;

/** A device with a long-poll sends far fewer polls, unless each one contains a message. @throws HomingError rate_limited */
export function countPoll({ device }: Identity, { pollLimit }: Pick<DeviceContext, 'pollLimit'>): void {
  const { isAllowed, retryAfterSeconds } = pollLimit.take(device.id, POLLS_PER_MINUTE);
  if (!isAllowed) {
    throw rateLimited(`Too many polls. Try again in ${retryAfterSeconds} s.`, retryAfterSeconds);
  }
}
