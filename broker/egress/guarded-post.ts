/** Posts to untrusted URLs through the guarded agent. Redirects are not followed. */
import type { Readable } from 'node:stream';
import { type Dispatcher, request } from 'undici';
import { egressErrorOf, WithheldError } from './errors.ts';
import { guardedAgent } from './guarded-agent.ts';

export interface PostResponse {
  statusCode: number;
  /** The first 2 KB of the response body. */
  bodyStart: string;
  retryAfter: string | undefined;
}

/** @throws EgressBlockedError if there was no response. */
export type GuardedPost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<PostResponse>;

const RETURNED_BYTES = 2_048;
/** A longer body is not read to its end; the connection is closed. */
const READ_BYTES = 64 * 1_024;
/** Maximum connections to one origin: the maximum of parallel requests of a webhook. */
const CONNECTIONS = 32;

export interface GuardedPostOptions {
  allowsPrivate: boolean;
  timeoutMs: number;
  /** Checked right before a request is written to its connection; default: always. */
  maySend?: () => boolean;
}

export function guardedPost({ maySend, ...options }: GuardedPostOptions): GuardedPost {
  const { agent, check } = guardedAgent({ ...options, connections: CONNECTIONS });
  const dispatcher = maySend === undefined ? agent : agent.compose(withholding(maySend));
  return async (target, headers, body) => {
    try {
      const url = new URL(target);
      check(url);
      const response = await request(url, {
        dispatcher,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      const retryAfter = response.headers['retry-after'];
      return {
        statusCode: response.statusCode,
        bodyStart: await readStart(response.body),
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      };
    } catch (error) {
      throw egressErrorOf(error);
    }
  };
}

/** A request may wait for a lookup, a connection or a free one, and the process may be paused meanwhile. */
function withholding(maySend: () => boolean): Dispatcher.DispatcherComposeInterceptor {
  return (dispatch) => (options, handler) => {
    const begin = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      begin?.(controller, context);
      if (!maySend()) controller.abort(new WithheldError());
    };
    return dispatch(options, handler);
  };
}

/** Uses events, because an async iterator costs as much as the rest of the request. */
function readStart(body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = () =>
      resolve(Buffer.concat(chunks).subarray(0, RETURNED_BYTES).toString('utf8').toWellFormed());
    body.on('data', (chunk: Buffer) => {
      if (size < RETURNED_BYTES) chunks.push(chunk);
      size += chunk.length;
      if (size <= READ_BYTES) return;
      end();
      body.destroy();
    });
    body.on('end', end);
    body.on('error', reject);
  });
}
