/** Converts rows of the table `message` in chat.db to the agent's type. */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import { bodyText } from './message-body.ts';

export interface ChatAttachment {
  guid: string;
  /** As stored, starting with `~`; undefined before the download. */
  path: string | undefined;
  contentType: string | undefined;
  name: string | undefined;
  bytes: number | undefined;
  /** The download is complete. */
  isComplete: boolean;
}

export interface ChatReaction {
  /** The guid of the message that the reaction refers to. */
  of: string;
  /** love, like, dislike, laugh, emphasize, question, or the emoji. */
  kind: string;
  isRemoved: boolean;
}

export interface ChatRow {
  rowId: number;
  guid: string;
  text: string;
  /** The other participant of a direct chat, or the sender in a group. Undefined for a row without one. */
  handle: string | undefined;
  /** The guid of the chat; undefined while the row is in no chat. */
  chat: string | undefined;
  isGroup: boolean;
  groupName: string | undefined;
  service: string;
  isFromMe: boolean;
  isSent: boolean;
  /** 0: no error. */
  error: number;
  /** Messages itself falls back to SMS. */
  isDowngraded: boolean;
  sentAt: number | undefined;
  deliveredAt: number | undefined;
  readAt: number | undefined;
  editedAt: number | undefined;
  retractedAt: number | undefined;
  /** The owner's number that received the message. */
  destination: string | undefined;
  replyTo: string | undefined;
  reaction: ChatReaction | undefined;
  /** A participant joined or left the group, or renamed it. */
  isGroupEvent: boolean;
  hasAttachments: boolean;
  attachments: ChatAttachment[];
}

export interface RawRow {
  rowId: number;
  guid: string;
  text: string | null;
  attributedBody: Buffer | null;
  service: string | null;
  is_from_me: number;
  is_sent: number | null;
  is_delivered: number | null;
  error: number | null;
  date: number | null;
  date_delivered: number | null;
  date_read: number | null;
  date_edited: number | null;
  date_retracted: number | null;
  was_downgraded: number | null;
  destination_caller_id: string | null;
  thread_originator_guid: string | null;
  associated_message_type: number | null;
  associated_message_guid: string | null;
  associated_message_emoji: string | null;
  item_type: number | null;
  cache_has_attachments: number | null;
  handle: string | null;
  chat: string | null;
  chat_identifier: string | null;
  style: number | null;
  display_name: string | null;
}

/** Columns of the table `message`; the others are joined. */
export const COLUMNS = [
  'guid',
  'text',
  'attributedBody',
  'service',
  'is_from_me',
  'is_sent',
  'is_delivered',
  'error',
  'date',
  'date_delivered',
  'date_read',
  'date_edited',
  'date_retracted',
  'was_downgraded',
  'destination_caller_id',
  'thread_originator_guid',
  'associated_message_type',
  'associated_message_guid',
  'associated_message_emoji',
  'item_type',
  'cache_has_attachments',
] as const;

const GROUP_STYLE = 43;
export const EPOCH_2001_MS = 978_307_200_000;
/** Rows of old versions have seconds; larger values are nanoseconds. */
export const SECONDS_MAX = 1e12;

/** `associated_message_type`: from 2000 a reaction is added, from 3000 it is removed. */
const REACTIONS = ['love', 'like', 'dislike', 'laugh', 'emphasize', 'question'] as const;
const EMOJI_REACTION = 6;
const REACTION_ON = 2000;
const REACTION_OFF = 3000;
const REACTION_END = 4000;

export function rowFrom(row: RawRow, attachments: ChatAttachment[]): ChatRow {
  const isGroup = row.style === GROUP_STYLE;
  const handle = isGroup ? row.handle : (row.chat_identifier ?? row.handle);
  const deliveredAt = timeFrom(row.date_delivered);
  const sentAt = timeFrom(row.date);
  const editedAt = timeFrom(row.date_edited);
  const text = bodyText(row.text, row.attributedBody);
  const hasAttachments = row.cache_has_attachments === 1 || attachments.length > 0;
  // Some versions mark a retracted message only by an edit that leaves it empty.
  const isEmptied = editedAt !== undefined && text === '' && !hasAttachments;
  return {
    rowId: row.rowId,
    guid: row.guid,
    text,
    handle: handle === null ? undefined : normalizeHandle(handle),
    chat: row.chat ?? undefined,
    isGroup,
    groupName: (isGroup && row.display_name) || undefined,
    service: row.service ?? 'iMessage',
    isFromMe: row.is_from_me === 1,
    isSent: row.is_sent === 1 || deliveredAt !== undefined,
    error: row.error ?? 0,
    isDowngraded: row.was_downgraded === 1,
    sentAt,
    deliveredAt: deliveredAt ?? (row.is_delivered === 1 ? sentAt : undefined),
    readAt: timeFrom(row.date_read),
    editedAt,
    retractedAt: timeFrom(row.date_retracted) ?? (isEmptied ? editedAt : undefined),
    destination: row.destination_caller_id || undefined,
    replyTo: row.thread_originator_guid ?? undefined,
    reaction: reactionOf(row),
    isGroupEvent: (row.item_type ?? 0) !== 0,
    hasAttachments,
    attachments,
  };
}

function reactionOf({
  associated_message_type: type,
  associated_message_guid: guid,
  associated_message_emoji: emoji,
}: RawRow): ChatReaction | undefined {
  if (type === null || type < REACTION_ON || type >= REACTION_END) return undefined;
  const isRemoved = type >= REACTION_OFF;
  const index = type % 1000;
  const kind = index === EMOJI_REACTION ? (emoji ?? 'emoji') : (REACTIONS[index] ?? 'sticker');
  // `p:0/GUID` refers to the first part of a message, `bp:GUID` to the bubble of an app.
  return { of: (guid ?? '').replace(/^(?:p:\d+\/|bp:)/, ''), kind, isRemoved };
}

function timeFrom(value: number | null): number | undefined {
  if (value === null || value === 0) return undefined;
  return Math.round(EPOCH_2001_MS + (value < SECONDS_MAX ? value * 1000 : value / 1e6));
}
