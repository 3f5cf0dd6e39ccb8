/** Uploads old messages to the broker as history. The upload needs no session and does not affect a running agent. */
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

const RESPONSE_MAX_MS = 60_000;
/** Below the broker's limit for a request body. */
const BODY_MAX_BYTES = 3 * 1024 * 1024;
const ITEMS_MAX = 500;
const successBody = z.object({ stored: z.number(), known: z.number() });
const errorBody = z.object({ error: z.object({ message: z.string() }) });

export function historyClient({ url, token }: { url: string; token: string }): HistoryClient {
  const post = async (body: string) => {
    const response = await fetch(`${url}/relay/v1/history`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(RESPONSE_MAX_MS),
    }).catch((error: Error & { cause?: Error }) => {
      const reason = error.cause?.message || error.message;
      throw new HistoryRejectedError(`The broker does not respond: ${reason}`, true, error);
    });
    const json: unknown = await response.json().catch(() => undefined);
    const success = successBody.safeParse(json);
    if (response.ok && success.success) return success.data;
    const failure = errorBody.safeParse(json);
    const message = failure.success
      ? failure.data.error.message
      : `The broker returned status ${response.status}.`;
    throw new HistoryRejectedError(message, response.status === 429 || response.status >= 500);
  };

  return {
    async send(items) {
      let stored = 0;
      let known = 0;
      for (const batch of batchesOf(items)) {
        const result = await post(`{"items":[${batch.join(',')}]}`);
        stored += result.stored;
        known += result.known;
      }
      return { stored, known };
    },
  };
}

/** Yields serialized items in batches that fit a request body; a character has up to 3 bytes in UTF-8. */
function* batchesOf(items: readonly HistoryItem[]): Generator<string[]> {
  let batch: string[] = [];
  let characters = 0;
  for (const item of items) {
    const text = JSON.stringify(item);
    const isFull = batch.length === ITEMS_MAX || characters + text.length > BODY_MAX_BYTES / 3;
    if (isFull && batch.length > 0) {
      yield batch;
      batch = [];
      characters = 0;
    }
    batch.push(text);
    characters += text.length;
  }
  if (batch.length > 0) yield batch;
}
