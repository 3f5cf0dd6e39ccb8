/**
 * Authorizes requests for the metrics: by the token if one is set, otherwise by the address of this machine. A request
 * with a forwarding header came through a proxy on this machine and counts as a remote request.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { HomingError, unauthorized } from '../core/model/errors.ts';
import { bearerOf } from '../http/authenticate.ts';

/** @throws HomingError */
export function authorizeMetrics(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) {
    // The same response as for an unknown path.
    if (!isFromThisMachine(request)) throw new HomingError('not_found', 'There is no /metrics here.');
    return;
  }
  if (!isSame(bearerOf(request) ?? '', token)) throw unauthorized('Invalid or missing token.');
}

function isFromThisMachine({ headers, socket }: IncomingMessage): boolean {
  if (headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined) return false;
  const address = socket.remoteAddress;
  if (address === undefined || !ipaddr.isValid(address)) return false;
  return ipaddr.process(address).range() === 'loopback';
}

/** Compares hashes, so that the duration reveals nothing about the token. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'));
}
