/**
 * Who may read the figures: with a token, who shows it; without one, programs on this machine. A proxy on this machine
 * passes on what comes from elsewhere and says so in a header, so such a request is no one of ours.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { HomingError, unauthorized } from '../core/model/errors.ts';
import { bearerOf } from '../http/authenticate.ts';

/** @throws HomingError */
export function admit(request: IncomingMessage, token: string | undefined): void {
  if (token === undefined) {
    // As any path that is not there.
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

/** By their hashes, so that the time that it takes says nothing of the token. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'));
}
