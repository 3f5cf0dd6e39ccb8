/**
 * Imports old messages of chat.db into the broker as history, in order, in batches of a few hundred.
 *
 * - Progress is saved after each response; an interrupted import resumes from there.
 * - Messages that the broker already knows are counted and not changed.
 * - The import runs independently of the agent.
 */
import type { HistoryItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { AttachmentUploads } from '../inbound/attachment-uploads.ts';
import { inboundItemFrom } from '../inbound/inbound-item.ts';
import { backoffMs } from '../transport/backoff.ts';
import { isTooLarge } from '../transport/outbox.ts';
import { type HistoryClient, HistoryRejectedError } from './history-client.ts';
import type { ImportProgress, ProgressStore } from './import-progress.ts';

export interface ImportOptions {
  chat: Pick<ChatDatabase, 'since'>;
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
    for (const row of rows) {
      const item = await historyItemOf(row, options.uploads);
      if (item !== undefined) items.push(item);
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
        known: before.known + known,
        skipped: before.skipped + rows.length - items.length,
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

async function historyItemOf(
  row: ChatRow,
  uploads: AttachmentUploads | undefined,
): Promise<HistoryItem | undefined> {
  const { isFromMe, isGroupEvent, reaction, text, attachments, error } = row;
  if (isGroupEvent || row.retractedAt !== undefined) return undefined;
  if (text === '' && attachments.length === 0 && reaction === undefined) return undefined;
  const media = uploads === undefined ? attachments.map(mediaWithoutFile) : await uploads.upload(attachments);
  const item = inboundItemFrom(row, media);
  if (item === undefined || isTooLarge(item)) return undefined;
  return {
    ...item,
    ...(row.deliveredAt === undefined ? {} : { delivered_at: new Date(row.deliveredAt).toISOString() }),
    ...(row.readAt === undefined ? {} : { read_at: new Date(row.readAt).toISOString() }),
    failed: isFromMe && error !== 0,
  };
}

function mediaWithoutFile({ guid, contentType, bytes, name }: ChatRow['attachments'][number]) {
  return {
    id: guid.slice(-100),
    content_type: contentType ?? 'application/octet-stream',
    size: bytes ?? 0,
    name: (name ?? '').slice(0, 255),
  };
}
