/** Compresses JSON responses for clients that accept gzip. For pages on phones: lists of messages shrink to a tenth. */
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import { acceptsEncoding } from './accepts-encoding.ts';
import { oneChunk } from './one-chunk.ts';
import type { OperationResponse } from './operation.ts';

const compress = promisify(gzip);
/** A smaller response fits into one packet anyway. */
const MIN_BYTES = 1_400;
const OPTIONS = { level: constants.Z_BEST_SPEED };

/** Returns the response unchanged if it is small, streamed or not JSON. */
export async function compressJson(
  response: OperationResponse,
  request: IncomingMessage,
): Promise<OperationResponse> {
  const { body, stream, contentType } = response;
  if (body === undefined || typeof body === 'string' || stream !== undefined || contentType !== undefined)
    return response;
  if (!acceptsEncoding(request, 'gzip')) return response;
  const text = JSON.stringify(body);
  if (text.length < MIN_BYTES) return response;
  const bytes = await compress(text, OPTIONS);
  const { body: _, ...rest } = response;
  return {
    ...rest,
    contentType: 'application/json; charset=utf-8',
    stream: { size: bytes.length, chunks: oneChunk(bytes) },
    headers: {
      'cache-control': 'no-store',
      ...response.headers,
      'content-encoding': 'gzip',
      vary: 'accept-encoding',
    },
  };
}
