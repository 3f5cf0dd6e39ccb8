/**
 * Converts rows of chat.db to items of the history.
 *
 * - An edited message has its first text, and its edits follow as changes.
 * - Reactions and changes of groups are imported with their time.
 * - Skipped: unsent messages, whose text is gone, empty messages, link previews, and group events such as a new picture.
 */
import type { HistoryItem, InboundItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import type { AttachmentUploads } from '../inbound/attachment-uploads.ts';
import { fittedItem } from '../inbound/fitted-item.ts';
import { changeItemFrom, groupChangeItemFrom, inboundItemFrom } from '../inbound/inbound-item.ts';
import { isLinkPreview } from '../inbound/link-preview.ts';

export interface HistorySource {
  chat: Pick<ChatDatabase, 'historyOf' | 'precedingInChat'>;
  /** Undefined: attachments are listed without their files. */
  uploads: AttachmentUploads | undefined;
}

/** True for an item that changes a message or a group. */
export function isChange({ change, reaction }: InboundItem): boolean {
  return change !== undefined || reaction != null;
}

/** Returns the items of the row, in order; none for a row that is skipped. */
export async function historyItemsOf(row: ChatRow, source: HistorySource): Promise<HistoryItem[]> {
  if (row.isGroupEvent) return validItems([groupChangeItemFrom(row, row.sentAt ?? 0)]);
  if (row.reaction !== undefined) return validItems([inboundItemFrom(row, [])]);
  if (isLinkPreview(row, source.chat)) return [];
  const history = row.editedAt !== undefined || row.text === '' ? source.chat.historyOf(row.guid) : undefined;
  if (row.retractedAt !== undefined || history?.retractedAt !== undefined) return [];
  const text = history === undefined || history.edits.length === 0 ? row.text : history.original;
  if (text === '' && row.subject === undefined && row.attachments.length === 0) return [];
  const media =
    source.uploads === undefined
      ? row.attachments.map(mediaWithoutFile)
      : await source.uploads.upload(row.attachments);
  const [message] = validItems([inboundItemFrom({ ...row, text }, media)]);
  if (message === undefined) return [];
  const edits = (history?.edits ?? []).map((edit) => {
    const at = new Date(edit.at).toISOString();
    return changeItemFrom(
      row,
      `${row.guid}/edited/${edit.at}`,
      { of: row.guid, kind: 'edited', at },
      edit.text,
    );
  });
  return [{ ...message, ...outcomeOf(row) }, ...validItems(edits)];
}

/** Leaves out items that the broker would reject. */
function validItems(items: ReadonlyArray<InboundItem | undefined>): HistoryItem[] {
  return items.flatMap((item) => {
    const fitted = item && fittedItem(item).item;
    return fitted === undefined ? [] : [{ ...fitted, failed: false }];
  });
}

function outcomeOf({ isFromMe, error, deliveredAt, readAt }: ChatRow) {
  return {
    ...(deliveredAt === undefined ? {} : { delivered_at: new Date(deliveredAt).toISOString() }),
    ...(readAt === undefined ? {} : { read_at: new Date(readAt).toISOString() }),
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
