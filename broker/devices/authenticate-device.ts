/** Authenticates devices by their token, and limits failed attempts and polls. */
import type { IncomingMessage } from 'node:http';
import { rateLimited, unauthorized } from '../core/model/errors.ts';
import type { Device, OwnNumber } from '../core/model/number.ts';
import type { Queries } from '../core/ports/store.ts';
import type { DeviceContext } from './context.ts';

const BEARER = /^Bearer\s+(dev_[\w-]{43})$/i;

export interface Identity {
  device: Device;
  /** Of the token with which the device authenticated. */
  tokenHash: string;
  numbers: readonly OwnNumber[];
}

/** Returns undefined if the token is missing, unknown or revoked. */
export async function identityOf(
  token: string | undefined,
  { store, secrets }: Pick<DeviceContext, 'store' | 'secrets'>,
): Promise<Identity | undefined> {
  if (token === undefined) return undefined;
  const tokenHash = secrets.hash(token);
  const device = await store.read.devices.findByToken(tokenHash);
  return device && { device, tokenHash, numbers: await store.read.numbers.ofDevice(device.id) };
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
  if (identity === undefined) throw await context.failedTokens.count(request, unauthorized(message));
  return identity;
}

/**
 * Runs work in the transaction, and rolls it back if the token of the device is not valid any more. This broker closes the
 * session of a revoked device in the same moment; another broker may have revoked it before a notification arrived.
 *
 * @throws HomingError unauthorized
 */
export async function whileAuthentic<T>(
  tx: Queries,
  { device, tokenHash }: Pick<Identity, 'device' | 'tokenHash'>,
  { cluster }: Pick<DeviceContext, 'cluster'>,
  work: () => Promise<T>,
): Promise<T> {
  if (!cluster.hasPeers()) return work();
  // The read does not delay the work.
  const isAuthentic = tx.devices.hasToken(device.id, tokenHash);
  const [result, isValid] = await Promise.all([work(), isAuthentic]);
  if (!isValid) throw unauthorized('The token of the device is not valid any more.');
  return result;
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
