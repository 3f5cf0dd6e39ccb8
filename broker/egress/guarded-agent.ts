/**
 * Connections to addresses that strangers name. Every address is looked at after the name was resolved, and the
 * connection goes to the very address that was looked at, so that a name which answers differently the second time
 * gains nothing.
 */
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent } from 'undici';
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';

export interface GuardedAgentOptions {
  /** Whether http:// and addresses that are not public are let through: for development and tests. */
  allowsPrivate: boolean;
  timeoutMs: number;
  /** To one origin; as many as it takes unless said. */
  connections?: number;
}

export class EgressBlockedError extends Error {
  /** The same URL may work later. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'FetchRefusedError';
    this.isTemporary = isTemporary;
  }
}

export interface GuardedAgent {
  agent: Agent;
  /** @throws EgressBlockedError where the address itself says that it is none for us. */
  check(url: URL): void;
}

export function guardedAgent({ allowsPrivate, timeoutMs, connections }: GuardedAgentOptions): GuardedAgent {
  return {
    agent: new Agent({
      connect: { lookup: allowsPrivate ? undefined : guardedLookup, timeout: timeoutMs },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      ...(connections === undefined ? {} : { connections }),
      // A POST is never pipelined; with 1 a connection would rest for a turn of the event loop after each answer.
      pipelining: 2,
    }),
    check(url) {
      if (url.protocol !== 'https:' && !(allowsPrivate && url.protocol === 'http:')) {
        throw new EgressBlockedError(`${url.protocol}// is not called, only https://.`, false);
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
    const wrong = addresses.find(({ address }) => !isPublicAddress(address));
    if (wrong !== undefined || addresses.length === 0) {
      callback(notPublic(hostname), '', 0);
      return;
    }
    if (options.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

const notPublic = (host: string) =>
  new EgressBlockedError(`${host} does not lead to a public address of the internet.`, false);

/** Why a call came to nothing, whatever was thrown. */
export function errorOf(error: unknown): EgressBlockedError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof EgressBlockedError) return cause;
  }
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError') return new EgressBlockedError('The server took too long.', true, error);
  return new EgressBlockedError(`It could not be fetched: ${message || code}.`, true, error);
}
