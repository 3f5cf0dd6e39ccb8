/**
 * Texts that are made once and answered many times: with an ETag, unsent where the client has them already, and
 * compressed for those who take it. The two forms have ETags of their own, as they are different bytes.
 */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { OperationResponse } from '../http/operation.ts';

const compress = promisify(gzip);

export interface CachedResponse {
  text: string;
  contentType: string;
  headers: Readonly<Record<string, string>>;
  etag: string;
  gzipEtag: string;
  /** Made when it is first asked for. */
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
  kept: CachedResponse,
  { headers }: IncomingMessage,
): Promise<OperationResponse> {
  const takesGzip = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(headers['accept-encoding'] ?? ''));
  const etag = takesGzip ? kept.gzipEtag : kept.etag;
  const sent = { ...CACHE, ...kept.headers, etag };
  const known = headers['if-none-match']?.split(',').map((one) => one.trim().replace(/^W\//, '')) ?? [];
  if ([kept.etag, kept.gzipEtag, '*'].some((one) => known.includes(one)))
    return { status: 304, headers: sent };
  if (!takesGzip) return { status: 200, contentType: kept.contentType, body: kept.text, headers: sent };
  kept.gzipped ??= compress(kept.text);
  const bytes = await kept.gzipped;
  return {
    status: 200,
    contentType: kept.contentType,
    headers: { ...sent, 'content-encoding': 'gzip' },
    stream: { size: bytes.length, chunks: only(bytes) },
  };
}

function etagOf(text: string): string {
  return `"${createHash('sha256').update(text).digest('base64url')}"`;
}

async function* only(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes;
}
