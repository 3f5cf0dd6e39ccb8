/** Which row of chat.db is that of a part that was handed to Messages. */
import { basename, extname } from 'node:path';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { DeliverItem } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import { isGroupChat } from '../senders/sender.ts';

export interface SentPart {
  item: Pick<DeliverItem, 'to' | 'text'>;
  part: {
    kind: 'file' | 'text';
    /** The newest row before it was sent. */
    baseline: number;
  };
  /** The file of a part that is one; not known after a restart. */
  file: string | undefined;
}

export function isRowOf(row: ChatRow, { item, part, file }: SentPart): boolean {
  if (!row.isFromMe || row.rowId <= part.baseline || row.isGroupEvent || row.reaction !== undefined)
    return false;
  const isThere = isGroupChat(item.to)
    ? row.chat !== undefined && chatName(row.chat) === chatName(item.to)
    : !row.isGroup && row.handle === normalizeHandle(item.to);
  return isThere && (part.kind === 'text' ? sameWords(row.text, item.text) : isFileOf(row, file));
}

/** macOS 26 writes `any` where others name the service. */
function chatName(guid: string): string {
  return guid.slice(guid.indexOf(';'));
}

/** Messages may write another form of the same characters. */
function sameWords(a: string, b: string): boolean {
  const plain = (text: string) => text.normalize('NFC').replaceAll('\r\n', '\n').trim();
  return plain(a) === plain(b);
}

/** The name says which of several it is; Messages may convert a file, and then changes the extension. */
function isFileOf(row: ChatRow, file: string | undefined): boolean {
  if (row.text !== '' || !row.hasAttachments) return false;
  const [first] = row.attachments;
  if (first?.name === undefined || file === undefined) return true;
  return stem(first.name) === stem(file);
}

function stem(path: string): string {
  return basename(path, extname(path)).normalize('NFC').toLowerCase();
}
