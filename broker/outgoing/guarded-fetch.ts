/**
 * Fetches what a stranger's URL names. Every address is looked at after the name was resolved, and the connection
 * goes to the very address that was looked at, so that a name which answers differently the second time gains
 * nothing; each redirect is looked at anew.
 */
import { lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { addressIn, isPublicAddress } from '../../shared/public-addresses.ts';

export interface GuardedFetchOptions {
  /** Whether http:// and addresses that are not public are let through: for development and tests. */
  allowsPrivate: boolean;
  timeoutMs?: number;
}

export interface Fetched {
  bytes: Buffer;
  contentType: string | undefined;
}

export class FetchRefusedError extends Error {
  /** The same URL may work later. */
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'FetchRefusedError';
    this.isTemporary = isTemporary;
  }
}

const MEGABYTE = 1024 * 1024;
const REDIRECTS_MAX = 3;
const TIMEOUT_MS = 20_000;

/** Gets the whole of it, up to a limit; `headers` go to the server of that URL only. @throws FetchRefusedError */
export type GuardedFetch = (
  url: string,
  maxBytes: number,
  headers?: Readonly<Record<string, string>>,
) => Promise<Fetched>;

export function guardedFetch({ allowsPrivate, timeoutMs = TIMEOUT_MS }: GuardedFetchOptions): GuardedFetch {
  const agent = new Agent({
    connect: { lookup: allowsPrivate ? undefined : guardedLookup, timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });

  const check = (url: URL) => {
    if (url.protocol !== 'https:' && !(allowsPrivate && url.protocol === 'http:')) {
      throw new FetchRefusedError(`${url.protocol}// is not fetched, only https://.`, false);
    }
    const address = addressIn(url);
    if (!allowsPrivate && address !== undefined && !isPublicAddress(address)) throw notPublic(url.hostname);
  };

  return async (given, maxBytes, own) => {
    let url = new URL(given);
    const { origin } = url;
    const signal = AbortSignal.timeout(timeoutMs);
    for (let redirects = 0; ; redirects += 1) {
      check(url);
      try {
        const { statusCode, headers, body } = await request(url, {
          dispatcher: agent,
          signal,
          headers: url.origin === origin ? { ...own } : {},
        });
        const location = headers.location;
        if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
          await body.dump();
          if (redirects === REDIRECTS_MAX) {
            throw new FetchRefusedError(`It was redirected more than ${REDIRECTS_MAX} times.`, false);
          }
          url = new URL(location, url);
          continue;
        }
        if (statusCode !== 200) {
          await body.dump();
          throw new FetchRefusedError(`The server answered ${statusCode}.`, statusCode >= 500);
        }
        const bytes = await readUpTo(maxBytes, body, Number(headers['content-length']));
        const type = headers['content-type'];
        return { bytes, contentType: typeof type === 'string' ? type : undefined };
      } catch (error) {
        if (error instanceof FetchRefusedError) throw error;
        throw refusalOf(error);
      }
    }
  };
}

async function readUpTo(
  maxBytes: number,
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  declared: number,
): Promise<Buffer> {
  const tooLarge = () => new FetchRefusedError(`It is larger than ${sizeText(maxBytes)}.`, false);
  const chunks: Buffer[] = [];
  let size = 0;
  if (declared > maxBytes) {
    body.destroy();
    throw tooLarge();
  }
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function sizeText(bytes: number): string {
  return bytes < MEGABYTE ? `${Math.floor(bytes / 1024)} KB` : `${Math.floor(bytes / MEGABYTE)} MB`;
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
  new FetchRefusedError(`${host} does not lead to a public address of the internet.`, false);

function refusalOf(error: unknown): FetchRefusedError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof FetchRefusedError) return cause;
  }
  const { name, message, code } = error as Error & { code?: string };
  if (name === 'TimeoutError') return new FetchRefusedError('The server took too long.', true, error);
  return new FetchRefusedError(`It could not be fetched: ${message || code}.`, true, error);
}
