/** A row of chat.db's `message`, as SQLite gives it and as the agent reads it. */
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import { bodyText } from './message-body.ts';

export interface ChatAttachment {
  guid: string;
  /** As Messages writes it, with `~`; undefined while it is not there. */
  path: string | undefined;
  contentType: string | undefined;
  name: string | undefined;
  bytes: number | undefined;
  /** All of it was downloaded. */
  isComplete: boolean;
}

export interface ChatReaction {
  /** The guid of the message it is about. */
  of: string;
  /** love, like, dislike, laugh, emphasize, question, or the emoji. */
  kind: string;
  isRemoved: boolean;
}

export interface ChatRow {
  rowId: number;
  guid: string;
  text: string;
  /** The other side: of a direct chat, else who wrote. Undefined where the row belongs to nobody. */
  handle: string | undefined;
  /** The chat's guid; undefined for a row that is in no chat. */
  chat: string | undefined;
  isGroup: boolean;
  groupName: string | undefined;
  service: string;
  isFromMe: boolean;
  isSent: boolean;
  /** 0: fine. */
  error: number;
  /** Messages itself goes on by SMS. */
  isDowngraded: boolean;
  sentAt: number | undefined;
  deliveredAt: number | undefined;
  readAt: number | undefined;
  editedAt: number | undefined;
  retractedAt: number | undefined;
  /** Which of the owner's numbers it came to. */
  destination: string | undefined;
  replyTo: string | undefined;
  reaction: ChatReaction | undefined;
  /** Somebody joined or left a group, or renamed it. */
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

/** Those of the table `message` itself. */
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
/** Rows of very old versions count seconds; as nanoseconds they would all lie in the first day of 2001. */
export const SECONDS_MAX = 1e12;

/** `associated_message_type`: 2000 and up puts a reaction on, 3000 and up takes it off. */
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
  // A message that was taken back is empty; some versions say so by no more than that.
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
  const which = type % 1000;
  const kind = which === EMOJI_REACTION ? (emoji ?? 'emoji') : (REACTIONS[which] ?? 'sticker');
  // `p:0/GUID` is the first part of a message, `bp:GUID` a bubble of an app.
  return { of: (guid ?? '').replace(/^(?:p:\d+\/|bp:)/, ''), kind, isRemoved };
}

function timeFrom(value: number | null): number | undefined {
  if (value === null || value === 0) return undefined;
  return Math.round(EPOCH_2001_MS + (value < SECONDS_MAX ? value * 1000 : value / 1e6));
}
