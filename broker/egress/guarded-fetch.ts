/** Fetches files from untrusted URLs through the guarded agent. Every redirect is checked like the first URL. */
import { request } from 'undici';
import { EgressBlockedError, egressErrorOf } from './errors.ts';
import { guardedAgent } from './guarded-agent.ts';

export interface GuardedFetchOptions {
  /** Allows http:// and private addresses, for development and tests. */
  allowsPrivate: boolean;
  timeoutMs?: number;
}

export interface Fetched {
  bytes: Buffer;
  contentType: string | undefined;
}

const MEGABYTE = 1024 * 1024;
const REDIRECTS_MAX = 3;
const TIMEOUT_MS = 20_000;

/** Fetches the whole body, up to a limit. `headers` are sent to the origin of the URL only. @throws EgressBlockedError */
export type GuardedFetch = (
  url: string,
  maxBytes: number,
  headers?: Readonly<Record<string, string>>,
) => Promise<Fetched>;

export function guardedFetch({ allowsPrivate, timeoutMs = TIMEOUT_MS }: GuardedFetchOptions): GuardedFetch {
  const { agent, check } = guardedAgent({ allowsPrivate, timeoutMs });

  return async (firstUrl, maxBytes, firstHeaders) => {
    let url = new URL(firstUrl);
    const { origin } = url;
    const signal = AbortSignal.timeout(timeoutMs);
    for (let redirects = 0; ; redirects += 1) {
      check(url);
      try {
        const { statusCode, headers, body } = await request(url, {
          dispatcher: agent,
          signal,
          headers: url.origin === origin ? { ...firstHeaders } : {},
        });
        const location = headers.location;
        if (statusCode >= 300 && statusCode < 400 && typeof location === 'string') {
          await body.dump();
          if (redirects === REDIRECTS_MAX) {
            throw new EgressBlockedError(`The server redirected more than ${REDIRECTS_MAX} times.`, false);
          }
          url = new URL(location, url);
          continue;
        }
        if (statusCode !== 200) {
          await body.dump();
          throw new EgressBlockedError(`The server responded with ${statusCode}.`, statusCode >= 500);
        }
        const bytes = await readUpTo(maxBytes, body, Number(headers['content-length']));
        const type = headers['content-type'];
        return { bytes, contentType: typeof type === 'string' ? type : undefined };
      } catch (error) {
        if (error instanceof EgressBlockedError) throw error;
        throw egressErrorOf(error);
      }
    }
  };
}

async function readUpTo(
  maxBytes: number,
  body: AsyncIterable<Buffer> & { destroy(): unknown },
  declared: number,
): Promise<Buffer> {
  const tooLarge = () => new EgressBlockedError(`The file is larger than ${formatSize(maxBytes)}.`, false);
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

function formatSize(bytes: number): string {
  return bytes < MEGABYTE ? `${Math.floor(bytes / 1024)} KB` : `${Math.floor(bytes / MEGABYTE)} MB`;
}
