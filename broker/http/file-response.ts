/** Responds with an attachment, or with the part that a Range header names (RFC 9110). */
import type { IncomingMessage } from 'node:http';
import { HomingError } from '../core/model/errors.ts';
import type { StoredMedia } from '../core/model/media.ts';
import { mapPlainError } from './error-response.ts';
import type { OperationResponse } from './operation.ts';

/** Content types that a browser shows; it downloads all others. */
const SHOWN = /^(image|audio|video)\//;
/** A content type from a device or a remote server is sent only if it is valid in a header. */
const TYPE = /^[\w.+-]+\/[\w.+-]+(\s*;[\x20-\x7e]*)?$/;
/** Files from unknown senders must not run scripts in the origin of the broker. */
export const FILE_POLICY = { 'content-security-policy': "sandbox; default-src 'none'" } as const;

const RANGE = /^bytes=(\d{0,15})-(\d{0,15})$/;

export interface ByteRange {
  /** First and last byte, both included. */
  from: number;
  to: number;
}

type ReadFile = (media: StoredMedia, range?: ByteRange) => AsyncIterable<Uint8Array>;

/** Supports one range, so that a player can jump in a video. A range applies to GET only. */
export function fileResponse(
  media: StoredMedia,
  read: ReadFile,
  { method, headers: requested }: Pick<IncomingMessage, 'method' | 'headers'>,
): OperationResponse {
  const etag = `"${media.sha256}"`;
  const headers = { ...headersOf(media), etag, 'accept-ranges': 'bytes' };
  if (names(requested['if-none-match'], etag)) return { status: 304, headers };
  const isSameFile = requested['if-range'] === undefined || requested['if-range'] === etag;
  const range = isSameFile && method === 'GET' ? rangeIn(requested.range, media.size) : undefined;
  if (range === 'unsatisfiable') {
    return unsatisfiable(media.size);
  }
  if (range === undefined) {
    return {
      status: 200,
      contentType: typeOf(media),
      headers: {
        'content-digest': `sha-256=:${Buffer.from(media.sha256, 'hex').toString('base64')}:`,
        ...headers,
      },
      stream: { size: media.size, chunks: read(media) },
    };
  }
  return {
    status: 206,
    contentType: typeOf(media),
    headers: { ...headers, 'content-range': `bytes ${range.from}-${range.to}/${media.size}` },
    stream: { size: range.to - range.from + 1, chunks: read(media, range) },
  };
}

function unsatisfiable(size: number): OperationResponse {
  const message = `The range is behind the end of the file, which has ${size} bytes.`;
  const response = mapPlainError(new HomingError('range_not_satisfiable', message));
  return { ...response, headers: { ...FILE_POLICY, 'content-range': `bytes */${size}` } };
}

/** Whether an If-None-Match header names the tag, which proxies may have marked as weak. */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}

/** Returns undefined for the whole file. A malformed range and several ranges are ignored. */
function rangeIn(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first = '', last = ''] = RANGE.exec(header?.trim() ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { from: size - length, to: size - 1 };
  }
  const from = Number(first);
  const to = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (from >= size) return 'unsatisfiable';
  return to < from ? undefined : { from, to };
}

function typeOf({ contentType }: StoredMedia): string {
  return TYPE.test(contentType) ? contentType : 'application/octet-stream';
}

function headersOf(media: StoredMedia): Record<string, string> {
  const disposition = SHOWN.test(typeOf(media)) ? 'inline' : 'attachment';
  return {
    'content-disposition': `${disposition}${fileNameOf(media.name)}`,
    'cache-control': 'private, max-age=3600',
  };
}

function fileNameOf(name: string | null): string {
  return name === null ? '' : `; filename*=UTF-8''${encodeURIComponent(name).replaceAll("'", '%27')}`;
}
