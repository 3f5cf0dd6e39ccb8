/** Hands old messages to the broker, beside the session of an agent that may be running. */
import { z } from 'zod';
import type { HistoryItem } from '../../shared/protocol.ts';

export interface HistoryClient {
  /** @throws HistoryRejectedError */
  send(items: readonly HistoryItem[]): Promise<{ stored: number; known: number }>;
}

export class HistoryRejectedError extends Error {
  readonly isTemporary: boolean;

  constructor(message: string, isTemporary: boolean, cause?: unknown) {
    super(message, { cause });
    this.name = 'HistoryRejectedError';
    this.isTemporary = isTemporary;
  }
}

const ANSWER_MAX_MS = 60_000;
/** Below what the broker reads in one request. */
const BODY_MAX_BYTES = 3 * 1024 * 1024;
const answer = z.object({ stored: z.number(), known: z.number() });
const refusal = z.object({ error: z.object({ message: z.string() }) });

export function historyClient({ url, token }: { url: string; token: string }): HistoryClient {
  const post = async (body: string) => {
    const response = await fetch(`${url}/relay/v1/history`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(ANSWER_MAX_MS),
    }).catch((error: Error & { cause?: Error }) => {
      const why = error.cause?.message || error.message;
      throw new HistoryRejectedError(`The broker does not answer: ${why}`, true, error);
    });
    const said: unknown = await response.json().catch(() => undefined);
    const parsed = answer.safeParse(said);
    if (response.ok && parsed.success) return parsed.data;
    const refused = refusal.safeParse(said);
    const message = refused.success ? refused.data.error.message : `The broker answered ${response.status}.`;
    throw new HistoryRejectedError(message, response.status === 429 || response.status >= 500);
  };

  return {
    async send(items) {
      let stored = 0;
      let known = 0;
      for (const batch of fitting(items)) {
        const kept = await post(`{"items":[${batch.join(',')}]}`);
        stored += kept.stored;
        known += kept.known;
      }
      return { stored, known };
    },
  };
}

function* fitting(items: readonly HistoryItem[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const text = JSON.stringify(item);
    if (bytes + text.length > BODY_MAX_BYTES / 3 && batch.length > 0) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(text);
    bytes += text.length;
  }
  if (batch.length > 0) yield batch;
}
