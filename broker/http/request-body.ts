/** Reads request bodies up to a size limit. A larger body is rejected at once and not stored. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { HomingError, invalidRequest } from '../core/model/errors.ts';

export const BODY_LIMIT_BYTES = 64 * 1024;
const BODY_MAX_MS = 60_000;
/** A body may be slow for this time. After it, a slower average than the minimum is rejected. */
const SLOW_MAX_MS = 15_000;
const MIN_BYTES_PER_SECOND = 1_000;
const DRAIN_MAX_BYTES = 32 * 1024 * 1024;
const DRAIN_MAX_MS = 10_000;

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?(?:json|jsonld)\s*(?:;\s*charset="?utf-?8"?\s*)?$/i;

export async function readJson(request: IncomingMessage, limit = BODY_LIMIT_BYTES): Promise<unknown> {
  const type = request.headers['content-type'];
  if (type !== undefined && type !== 'application/json' && !JSON_TYPE.test(type)) {
    throw invalidRequest(`The Content-Type must be application/json (it is ${type.slice(0, 80)}).`);
  }
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw invalidRequest('A compressed body is not supported: send it without Content-Encoding.');
  }
  const bytes = await readBytes(request, limit);
  if (!isUtf8(bytes)) throw invalidRequest('The request body is not valid UTF-8.');
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw invalidRequest(
      bytes.length === 0
        ? 'The request body is empty; it must be a JSON object.'
        : 'The request body is not valid JSON.',
    );
  }
}

/** Reads the whole body. @throws HomingError if it exceeds the limit in bytes, is cut off or takes over a minute. */
export function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const declared = Number(request.headers['content-length']);
    if (declared > limit) {
      reject(tooLarge(limit));
      return;
    }
    let chunks: Buffer[] = [];
    let size = 0;
    // A parked request stays in memory for long: its listeners must not keep the body alive.
    const stopReading = () => {
      clearTimeout(late);
      request.off('data', onData).off('end', onEnd).off('error', onError).on('error', ignore);
    };
    const fail = (error: HomingError) => {
      stopReading();
      reject(error);
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > limit) fail(tooLarge(limit));
      else chunks.push(chunk);
    };
    const onEnd = () => {
      stopReading();
      const [first] = chunks;
      resolve(chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks));
      chunks = [];
    };
    // Node emits this as well when the connection ends before the body.
    const onError = () => fail(invalidRequest('The request body was cut off.'));
    let late = setTimeout(() => {
      if (isTooSlow(size, SLOW_MAX_MS)) fail(tooSlow());
      else late = setTimeout(() => fail(timedOut()), BODY_MAX_MS - SLOW_MAX_MS);
    }, SLOW_MAX_MS);
    request.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

function ignore(): void {}

/** Yields the chunks of a large body. @throws HomingError if the body arrives too slowly */
export async function* readChunks(request: IncomingMessage): AsyncGenerator<Buffer> {
  const startedAt = performance.now();
  let size = 0;
  // Destroying the request would close the connection before the client reads the error.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (isTooSlow(size, performance.now() - startedAt)) throw tooSlow();
    yield chunk;
  }
}

function isTooSlow(bytes: number, ms: number): boolean {
  return ms >= SLOW_MAX_MS && bytes < (ms / 1_000) * MIN_BYTES_PER_SECOND;
}

/**
 * Discards the rest of a rejected body, within limits, and then closes the connection. Closing it at once would reset the
 * connection of a client that is still sending, and the client would never read the error.
 */
export function drain(request: IncomingMessage): void {
  let dropped = 0;
  const destroy = () => request.destroy();
  const timer = setTimeout(destroy, DRAIN_MAX_MS);
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > DRAIN_MAX_BYTES) destroy();
  });
  request.on('close', () => clearTimeout(timer));
  request.on('end', () => clearTimeout(timer));
}

const timedOut = () => invalidRequest('The request body did not arrive within a minute.');
const tooSlow = () =>
  invalidRequest(`The request body arrived too slowly: less than ${MIN_BYTES_PER_SECOND} bytes a second.`);
const tooLarge = (limit: number) =>
  new HomingError('payload_too_large', `The request body is larger than ${Math.floor(limit / 1024)} KB.`);
