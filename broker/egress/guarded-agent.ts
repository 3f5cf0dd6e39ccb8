/**
 * Creates an HTTP agent for URLs from untrusted sources (protection against SSRF). The agent checks every address after
 * the DNS lookup and connects to the checked address, so DNS rebinding has no effect.
 */
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';
import { EgressBlockedError } from './errors.ts';

export interface GuardedAgentOptions {
  /** Allows http:// and private addresses, for development and tests. */
  allowsPrivate: boolean;
  timeoutMs: number;
  /** Maximum connections to one origin; default: no limit. */
  connections?: number;
}

export interface GuardedAgent {
  agent: Agent;
  /** @throws EgressBlockedError if the scheme or an IP address in the URL is not allowed. */
  check(url: URL): void;
}

export function guardedAgent({ allowsPrivate, timeoutMs, connections }: GuardedAgentOptions): GuardedAgent {
  return {
    agent: new Agent({
      connect: { lookup: allowsPrivate ? undefined : guardedLookup, timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(connections === undefined ? {} : { connections }),
      // undici never pipelines a POST. With 1, a connection idles for a tick of the event loop after each response.
      pipelining: 2,
    }),
    check(url) {
      if (url.protocol !== 'https:' && !(allowsPrivate && url.protocol === 'http:')) {
        throw new EgressBlockedError(`The URL begins with ${url.protocol}//; allowed: https://.`, false);
      }
      const address = addressIn(url);
      if (!allowsPrivate && address !== undefined && !isPublicAddress(address)) throw notPublic(url.hostname);
    },
  };
}

const guardedLookup: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      callback(error, '', 0);
      return;
    }
    const [first] = addresses;
    if (first === undefined || !addresses.every(({ address }) => isPublicAddress(address))) {
      callback(notPublic(hostname), '', 0);
      return;
    }
    if (options.all) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

const notPublic = (host: string) =>
  new EgressBlockedError(`${host} is not a public internet address.`, false);
