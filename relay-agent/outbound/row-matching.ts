/** Compares rows of chat.db with the parts that were sent. */
import { basename, extname } from 'node:path';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { DeliverItem } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import { isGroupChat } from '../senders/sender.ts';

export interface SentPart {
  item: Pick<DeliverItem, 'to' | 'text'>;
  part: {
    kind: 'file' | 'text';
    /** The newest row before the send. */
    baseline: number;
  };
  /** Path of the sent file; undefined for a text, and after a restart. */
  file: string | undefined;
}

/** Returns whether the row has the recipient and the content of the part, and is newer than its send attempt. */
export function isRowOf(row: ChatRow, { item, part, file }: SentPart): boolean {
  if (!row.isFromMe || row.rowId <= part.baseline || row.isGroupEvent || row.reaction !== undefined)
    return false;
  const isSameChat = isGroupChat(item.to)
    ? row.chat !== undefined && chatName(row.chat) === chatName(item.to)
    : !row.isGroup && row.handle === normalizeHandle(item.to);
  return isSameChat && (part.kind === 'text' ? isSameText(row.text, item.text) : isFileOf(row, file));
}

/** macOS 26 writes `any` in place of the service. */
function chatName(guid: string): string {
  return guid.slice(guid.indexOf(';'));
}

/** Messages may store the text in another Unicode normalization form. */
function isSameText(a: string, b: string): boolean {
  const plain = (text: string) => text.normalize('NFC').replaceAll('\r\n', '\n').trim();
  return plain(a) === plain(b);
}

/** The name distinguishes several files; Messages may convert a file and change its extension. */
function isFileOf(row: ChatRow, file: string | undefined): boolean {
  if (row.text !== '' || !row.hasAttachments) return false;
  const [first] = row.attachments;
  if (first?.name === undefined || file === undefined) return true;
  return stem(first.name) === stem(file);
}

function stem(path: string): string {
  return basename(path, extname(path)).normalize('NFC').toLowerCase();
}
