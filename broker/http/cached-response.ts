/**
 * Responds with cached texts: with an ETag, with 304 if the client has the text, and compressed if the client accepts gzip.
 * The plain and the compressed form have different ETags, because their bytes differ.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { acceptsEncoding } from './accepts-encoding.ts';
import { oneChunk } from './one-chunk.ts';
import type { OperationResponse } from './operation.ts';

const compress = promisify(gzip);

export interface CachedResponse {
  text: string;
  contentType: string;
  headers: Readonly<Record<string, string>>;
  etag: string;
  gzipEtag: string;
  /** Compressed on the first request that accepts gzip. */
  gzipped?: Promise<Uint8Array>;
}

const CACHE = { 'cache-control': 'public, max-age=300', vary: 'accept-encoding' };

export function cacheResponse(
  text: string,
  contentType: string,
  headers: Record<string, string> = {},
): CachedResponse {
  return { text, contentType, headers, etag: etagOf(text), gzipEtag: etagOf(`gzip ${text}`) };
}

export async function respondCached(
  cached: CachedResponse,
  request: IncomingMessage,
): Promise<OperationResponse> {
  const { headers } = request;
  const acceptsGzip = acceptsEncoding(request, 'gzip');
  const etag = acceptsGzip ? cached.gzipEtag : cached.etag;
  const sent = { ...CACHE, ...cached.headers, etag };
  const known = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  if ([cached.etag, cached.gzipEtag, '*'].some((one) => known.includes(one)))
    return { status: 304, headers: sent };
  if (!acceptsGzip) return { status: 200, contentType: cached.contentType, body: cached.text, headers: sent };
  cached.gzipped ??= compress(cached.text);
  const bytes = await cached.gzipped;
  return {
    status: 200,
    contentType: cached.contentType,
    headers: { ...sent, 'content-encoding': 'gzip' },
    stream: { size: bytes.length, chunks: oneChunk(bytes) },
  };
}

function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}
