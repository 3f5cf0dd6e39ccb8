/**
 * Takes old messages of chat.db to the broker as history, in order, a few hundred at a time. How far it has come is
 * written down after each answer, so that it goes on from there when it was cut off; what the broker knows already
 * it counts and leaves alone. It neither disturbs nor needs the agent that runs.
 */
import type { HistoryItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { AttachmentUploads } from '../inbound/attachment-uploads.ts';
import { itemOf } from '../inbound/inbound-item.ts';
import { backoffMs } from '../transport/backoff.ts';
import { isTooLarge } from '../transport/outbox.ts';
import { type HistoryClient, HistoryRejectedError } from './history-client.ts';
import type { ImportProgress, ProgressStore } from './import-progress.ts';

export interface ImportOptions {
  chat: Pick<ChatDatabase, 'since'>;
  link: HistoryClient;
  progress: ProgressStore;
  /** Without it, attachments are named and their files stay where they are. */
  uploads: AttachmentUploads | undefined;
  /** After each answer. */
  onProgress(progress: ImportProgress): void;
  /** The broker could not be asked; it is asked again. */
  onTrouble(problem: string, retryInMs: number): void;
  wait(ms: number): Promise<void>;
  random: () => number;
}

const BATCH = 400;
const TRIES = 12;

/** Goes on from `begun` to its end. @throws HistoryRejectedError where the broker will not have it, or is away. */
export async function importHistory(begun: ImportProgress, options: ImportOptions): Promise<ImportProgress> {
  const { chat, link, progress, onProgress } = options;
  let current = begun;
  let sending: Promise<void> = Promise.resolve();
  for (;;) {
    const rows = chat.since(current.sinceMs, current.position, current.until, BATCH);
    const last = rows.at(-1);
    const items: HistoryItem[] = [];
    for (const row of rows) {
      const item = await historyItemOf(row, options.uploads);
      if (item !== undefined) items.push(item);
    }
    // One batch is read while the one before it is with the broker; their order stays.
    await sending;
    if (last === undefined) break;
    const before = current;
    current = { ...before, position: last.rowId };
    sending = insist(() => link.send(items), options).then(({ stored, known }) => {
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
    // Heard of where it is awaited.
    sending.catch(() => {});
  }
  const done = { ...current, isDone: true };
  progress.write(done);
  return done;
}

async function insist<T>(work: () => Promise<T>, options: ImportOptions): Promise<T> {
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
  const media = uploads === undefined ? attachments.map(named) : await uploads.upload(attachments);
  const item = itemOf(row, media);
  if (item === undefined || isTooLarge(item)) return undefined;
  return {
    ...item,
    ...(row.deliveredAt === undefined ? {} : { delivered_at: new Date(row.deliveredAt).toISOString() }),
    ...(row.readAt === undefined ? {} : { read_at: new Date(row.readAt).toISOString() }),
    failed: isFromMe && error !== 0,
  };
}

function named({ guid, contentType, bytes, name }: ChatRow['attachments'][number]) {
  return {
    id: guid.slice(-100),
    content_type: contentType ?? 'application/octet-stream',
    size: bytes ?? 0,
    name: (name ?? '').slice(0, 255),
  };
}
