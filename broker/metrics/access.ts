/**
 * Authorizes requests for the metrics: by the token if one is set, otherwise only from this machine.
 *
 * Without a token, each sign of a proxy or of another website rejects a request: a public URL in the settings, a
 * forwarding header, or a Host header other than a local address (DNS rebinding).
 */
import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { HomingError, unauthorized } from '../core/model/errors.ts';
import { bearerOf } from '../http/key-places.ts';

/** @throws HomingError */
export function authorizeMetrics(
  request: IncomingMessage,
  { token, hasPublicUrl }: { token: string | undefined; hasPublicUrl: boolean },
): void {
  if (token === undefined) {
    // The same response as for an unknown path.
    if (hasPublicUrl || !isFromThisMachine(request))
      throw new HomingError('not_found', 'There is no /metrics here.');
    return;
  }
  if (!isSame(bearerOf(request) ?? '', token)) throw unauthorized('Invalid or missing token.');
}

function isFromThisMachine({ headers, socket }: IncomingMessage): boolean {
  if (Object.keys(headers).some((name) => FORWARDING.test(name)) || !isLocalHost(headers.host)) return false;
  return socket.remoteAddress !== undefined && isLoopback(socket.remoteAddress);
}

/** Headers of reverse proxies and content delivery networks. */
const FORWARDING = /^(forwarded|via|true-client-ip|x-(forwarded|real|client|original)-.+|cf-.+)$/;

function isLocalHost(host: string | undefined): boolean {
  const name = (host ?? '').replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
  return name.toLowerCase() === 'localhost' || isLoopback(name);
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/** Compares hashes, so that the duration reveals nothing about the token. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'));
}
