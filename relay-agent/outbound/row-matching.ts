/** Compares rows of chat.db with the parts that were sent. */
import { basename, extname } from 'node:path';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { DeliverItem } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';
import { chatName } from '../chat-db/chats.ts';

export interface SentPart {
  item: Pick<DeliverItem, 'to' | 'chat' | 'participants' | 'text'>;
  part: {
    kind: 'file' | 'text' | 'change';
    /** The newest row before the send. */
    baseline: number;
    /** Guid of the group in the attempt; undefined for a group that the sender creates. */
    chat?: string | undefined;
  };
  /** Path of the sent file; undefined for a text, and after a restart. */
  file: string | undefined;
  /** Returns the participants of a group by its guid. */
  participantsOf(chat: string): readonly string[];
}

/** Returns whether the row has the recipient and the content of the part, and is newer than its send attempt. */
export function isRowOf(row: ChatRow, sent: SentPart): boolean {
  const { item, part, file } = sent;
  if (!row.isFromMe || row.rowId <= part.baseline || row.isGroupEvent || row.reaction !== undefined)
    return false;
  if (part.kind === 'change' || !isSameChat(row, sent)) return false;
  return part.kind === 'text' ? isSameText(row.text, item.text) : isFileOf(row, file);
}

function isSameChat(row: ChatRow, { item, part, participantsOf }: SentPart): boolean {
  if (item.to !== undefined) return !row.isGroup && row.handle === normalizeHandle(item.to);
  if (!row.isGroup || row.chat === undefined) return false;
  const chat = part.chat ?? item.chat;
  if (chat !== undefined) return chatName(row.chat) === chatName(chat);
  const wanted = new Set((item.participants ?? []).map(normalizeHandle));
  const found = participantsOf(row.chat);
  return found.length === wanted.size && found.every((handle) => wanted.has(handle));
}

/**
 * Returns whether Messages wrote the row and sent nothing: on macOS 26 a send to a group can leave an empty row that is in
 * no chat. It has an SMS handle: the id of the group.
 */
export function isGhostRow(row: ChatRow): boolean {
  return (
    row.isFromMe &&
    row.chat === undefined &&
    row.text === '' &&
    !row.hasAttachments &&
    row.reaction === undefined &&
    !row.isGroupEvent
  );
}

/** Returns whether the empty row names this group. */
export function isGhostOf({ handle }: ChatRow, chat: string | undefined): boolean {
  if (handle === undefined || chat === undefined) return false;
  const id = chatName(chat).split(';').at(-1) ?? '';
  return id !== '' && handle.toLowerCase().endsWith(id.toLowerCase());
}

/** Messages may store the text in another Unicode normalization form. */
export function isSameText(a: string, b: string): boolean {
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
