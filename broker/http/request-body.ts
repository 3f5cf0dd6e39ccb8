/**
 * Reads a JSON body with a limit. Beyond the limit nothing more is kept, and the refusal is answered at once.
 */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { HomingError, invalidRequest } from '../core/model/errors.ts';

export const BODY_LIMIT_BYTES = 64 * 1024;
const BODY_MAX_MS = 60_000;
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

/** The whole of it, up to a limit. */
export function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const declared = Number(request.headers['content-length']);
    if (declared > limit) {
      reject(tooLarge(limit));
      return;
    }
    let chunks: Buffer[] = [];
    let size = 0;
    // A request that is held for an answer lives on, and with it everything that its listeners know of.
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
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      chunks = [];
    };
    // Also what Node says when the connection ends before the body does.
    const onError = () => fail(invalidRequest('The request body was cut off.'));
    const late = setTimeout(() => fail(timedOut()), BODY_MAX_MS);
    request.on('data', onData).on('end', onEnd).on('error', onError);
  });
}

function ignore(): void {}

/**
 * Throws away what is left of a body that nobody wants, within bounds, and then gives the connection up. A
 * connection that is closed at once would be reset under a client that is still sending, and the client would
 * never read why.
 */
export function drain(request: IncomingMessage): void {
  let dropped = 0;
  const giveUp = () => request.destroy();
  const timer = setTimeout(giveUp, DRAIN_MAX_MS);
  request.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    if (dropped > DRAIN_MAX_BYTES) giveUp();
  });
  request.on('close', () => clearTimeout(timer));
  request.on('end', () => clearTimeout(timer));
}

const timedOut = () => invalidRequest('The request body did not arrive within a minute.');
const tooLarge = (limit: number) =>
  new HomingError('payload_too_large', `The request body is larger than ${Math.floor(limit / 1024)} KB.`);
