/**
 * Imports old messages of chat.db into the broker as history, in order, in batches of a few hundred.
 *
 * - Progress is saved after each response; an interrupted import resumes from there.
 * - Messages that the broker already knows are counted and not changed.
 * - The import runs independently of the agent.
 */
import type { HistoryItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { AttachmentUploads } from '../inbound/attachment-uploads.ts';
import { backoffMs } from '../transport/backoff.ts';
import { type HistoryClient, HistoryRejectedError } from './history-client.ts';
import { historyItemsOf, isChange } from './history-items.ts';
import type { ImportProgress, ProgressStore } from './import-progress.ts';

export interface ImportOptions {
  chat: Pick<ChatDatabase, 'since' | 'historyOf' | 'precedingInChat'>;
  client: HistoryClient;
  progress: ProgressStore;
  /** Undefined: attachments are listed without their files. */
  uploads: AttachmentUploads | undefined;
  /** Called after each response. */
  onProgress(progress: ImportProgress): void;
  /** Called after a temporary failure, before the retry. */
  onTrouble(problem: string, retryInMs: number): void;
  wait(ms: number): Promise<void>;
  random: () => number;
}

const BATCH = 400;
const TRIES = 12;

/** Resumes an import and completes it. @throws HistoryRejectedError if the broker rejects it or is unreachable. */
export async function importHistory(start: ImportProgress, options: ImportOptions): Promise<ImportProgress> {
  const { chat, client, progress, onProgress } = options;
  let current = start;
  let sending: Promise<void> = Promise.resolve();
  for (;;) {
    const rows = chat.since(current.sinceMs, current.position, current.until, BATCH);
    const last = rows.at(-1);
    const items: HistoryItem[] = [];
    let skipped = 0;
    let changes = 0;
    for (const row of rows) {
      const own = await historyItemsOf(row, options);
      if (own.length === 0) skipped += 1;
      else if (own.every(isChange)) changes += 1;
      items.push(...own);
    }
    // Reads one batch while the broker stores the previous one. Batches are sent in order.
    await sending;
    if (last === undefined) break;
    const before = current;
    current = { ...before, position: last.rowId };
    sending = withRetries(() => client.send(items), options).then(({ stored, known }) => {
      current = {
        ...current,
        read: before.read + rows.length,
        stored: before.stored + stored,
        // The broker does not count changes as stored.
        known: before.known + known - items.filter(isChange).length,
        changes: before.changes + changes,
        skipped: before.skipped + skipped,
      };
      const done = { ...current, position: last.rowId };
      progress.write(done);
      onProgress(done);
    });
    // The error is handled where the promise is awaited.
    sending.catch(() => {});
  }
  const done = { ...current, isDone: true };
  progress.write(done);
  return done;
}

async function withRetries<T>(work: () => Promise<T>, options: ImportOptions): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof HistoryRejectedError) || !error.isTemporary || tries === TRIES) throw error;
      const ms = backoffMs(tries, options.random);
      options.onTrouble(error.message, ms);
      await options.wait(ms);
    }
  }
}
