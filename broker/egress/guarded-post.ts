/** Posts to a stranger's URL, guarded as guarded-agent.ts says. A redirect is an answer like any other. */
import type { Readable } from 'node:stream';
import { request } from 'undici';
import { errorOf, guardedAgent } from './guarded-agent.ts';

export interface Posted {
  statusCode: number;
  /** The first 2 KB of the answer. */
  answer: string;
  retryAfter: string | undefined;
}

/** @throws EgressBlockedError where there was no answer. */
export type GuardedPost = (
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
) => Promise<Posted>;

const KEPT_BYTES = 2_048;
/** Beyond this the connection is given up rather than read to its end. */
const READ_BYTES = 64 * 1_024;
/** To one origin: as many as one webhook has under way at most. */
const CONNECTIONS = 32;

export function guardedPost(options: { allowsPrivate: boolean; timeoutMs: number }): GuardedPost {
  const { agent, check } = guardedAgent({ ...options, connections: CONNECTIONS });
  return async (given, headers, body) => {
    try {
      const url = new URL(given);
      check(url);
      const answered = await request(url, {
        dispatcher: agent,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.timeout(options.timeoutMs),
      });
      const retryAfter = answered.headers['retry-after'];
      return {
        statusCode: answered.statusCode,
        answer: await beginningOf(answered.body),
        retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      };
    } catch (error) {
      throw errorOf(error);
    }
  };
}

/** By events: an iterator costs as much as the rest of the call. */
function beginningOf(body: Readable): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const end = () => resolve(Buffer.concat(chunks).subarray(0, KEPT_BYTES).toString('utf8').toWellFormed());
    body.on('data', (chunk: Buffer) => {
      if (size < KEPT_BYTES) chunks.push(chunk);
      size += chunk.length;
      if (size <= READ_BYTES) return;
      end();
      body.destroy();
    });
    body.on('end', end);
    body.on('error', reject);
  });
}
