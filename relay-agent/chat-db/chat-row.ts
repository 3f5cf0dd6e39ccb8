/** Converts rows of the table `message` in chat.db to the agent's type. */
import { effectName } from '../../shared/effects.ts';
import type { ChatAttachment } from './chat-attachments.ts';
import { handleFrom } from './chat-handle.ts';
import { type ChatReaction, isUpdate, type ReactionColumns, reactionOf } from './chat-reaction.ts';
import { timeFrom } from './chat-time.ts';
import { type ChatGroupChange, type GroupChangeColumns, groupChangeOf } from './group-change.ts';
import { bodyText, isUnreadable } from './message-body.ts';

export interface ChatRow {
  rowId: number;
  guid: string;
  text: string;
  subject: string | undefined;
  /** The other participant of a direct chat, or the sender in a group. Undefined for a row without one. */
  handle: string | undefined;
  /** The guid of the chat; undefined while the row is in no chat. */
  chat: string | undefined;
  isGroup: boolean;
  groupName: string | undefined;
  /** The members of the group now, without the own number; undefined for a direct chat. */
  participants: string[] | undefined;
  /** `iMessage`, `SMS` or `RCS`. */
  service: string;
  isFromMe: boolean;
  isSent: boolean;
  /** 0: no error. */
  error: number;
  /** Messages itself falls back to SMS. */
  isDowngraded: boolean;
  sentAt: number | undefined;
  /** The owner chose the time at which Messages sends the message, `sentAt`. */
  isScheduled: boolean;
  deliveredAt: number | undefined;
  readAt: number | undefined;
  editedAt: number | undefined;
  retractedAt: number | undefined;
  /** The owner's number that received the message. */
  destination: string | undefined;
  /** The guid of the message that this one replies to, and its text or file, counted from 0. */
  replyTo: string | undefined;
  replyPart: number;
  /** A name of shared/effects.ts, or the id that Messages stored. */
  effect: string | undefined;
  isVoiceNote: boolean;
  reaction: ChatReaction | undefined;
  /** The row is no message: a participant joined or left the group, or renamed it. */
  isGroupEvent: boolean;
  /** Undefined for a group event that has no effect on the name and the members. */
  groupChange: ChatGroupChange | undefined;
  hasAttachments: boolean;
  attachments: ChatAttachment[];
  /** Each placeholder in the text has its attachment. Messages adds the attachments shortly after it wrote the row. */
  hasAllAttachments: boolean;
  /** Bundle id of the app that made the message, also of a link preview. */
  appId: string | undefined;
  /** The reason why a part of the row could not be read. */
  problem: string | undefined;
}

export interface RawRow extends ReactionColumns, GroupChangeColumns {
  rowId: number;
  guid: string;
  text: string | null;
  attributedBody: Buffer | null;
  subject: string | null;
  service: string | null;
  is_sent: number | null;
  is_delivered: number | null;
  error: number | null;
  date: number | null;
  date_delivered: number | null;
  date_read: number | null;
  date_edited: number | null;
  date_retracted: number | null;
  schedule_type: number | null;
  schedule_state: number | null;
  was_downgraded: number | null;
  destination_caller_id: string | null;
  thread_originator_guid: string | null;
  thread_originator_part: string | null;
  expressive_send_style_id: string | null;
  is_audio_message: number | null;
  cache_has_attachments: number | null;
  balloon_bundle_id: string | null;
  chatId: number | null;
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
  'subject',
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
  'schedule_type',
  'schedule_state',
  'was_downgraded',
  'destination_caller_id',
  'thread_originator_guid',
  'thread_originator_part',
  'expressive_send_style_id',
  'is_audio_message',
  'associated_message_type',
  'associated_message_guid',
  'associated_message_emoji',
  'item_type',
  'group_action_type',
  'group_title',
  'handle_id',
  'other_handle',
  'cache_has_attachments',
  'balloon_bundle_id',
] as const;

const GROUP_STYLE = 43;
const PART_MAX = 1_000;
/** Placeholder of an app in the text. */
const APP_MARK = '\uFFFD';

/** What other tables contain about the row. */
export interface JoinedRows {
  attachments: ChatAttachment[];
  hasAllAttachments: boolean;
  /** The members of the group. */
  members: string[] | undefined;
  /** Returns the text of an app message. */
  appText(): string | undefined;
}

export function isGroupRow({ style }: RawRow): boolean {
  return style === GROUP_STYLE;
}

export function rowFrom(row: RawRow, joined: JoinedRows): ChatRow {
  const { attachments, hasAllAttachments, members, appText } = joined;
  const isGroup = isGroupRow(row);
  const handle = isGroup ? row.handle : (row.chat_identifier ?? row.handle);
  const deliveredAt = timeFrom(row.date_delivered);
  const sentAt = timeFrom(row.date);
  const editedAt = timeFrom(row.date_edited);
  const body = bodyText(row.text, row.attributedBody);
  const appId = row.balloon_bundle_id || undefined;
  const ownText = appId === undefined ? body : body.replaceAll(APP_MARK, '').trim();
  const text = isUpdate(row) ? '' : ownText || (appId && appText()) || '';
  const hasAttachments = row.cache_has_attachments === 1 || attachments.length > 0;
  // Some versions mark a retracted message only by an edit that leaves it empty.
  const isEmptied = editedAt !== undefined && text === '' && !hasAttachments;
  const isDowngraded = row.was_downgraded === 1;
  const destination = row.destination_caller_id || undefined;
  return {
    rowId: row.rowId,
    guid: row.guid,
    text,
    subject: row.subject || undefined,
    handle: handle === null ? undefined : handleFrom(handle),
    chat: row.chat ?? undefined,
    isGroup,
    groupName: (isGroup && row.display_name) || undefined,
    participants: members && withoutOwn(members, destination),
    service: isDowngraded ? 'SMS' : serviceOf(row.service),
    isFromMe: row.is_from_me === 1,
    isSent: row.is_sent === 1 || deliveredAt !== undefined,
    error: row.error ?? 0,
    isDowngraded,
    sentAt,
    isScheduled: (row.schedule_type ?? 0) !== 0 || (row.schedule_state ?? 0) !== 0,
    deliveredAt: deliveredAt ?? (row.is_delivered === 1 ? sentAt : undefined),
    readAt: timeFrom(row.date_read),
    editedAt,
    retractedAt: timeFrom(row.date_retracted) ?? (isEmptied ? editedAt : undefined),
    destination,
    replyTo: row.thread_originator_guid || undefined,
    replyPart: replyPartOf(row.thread_originator_part),
    effect: row.expressive_send_style_id ? effectName(row.expressive_send_style_id) : undefined,
    isVoiceNote: row.is_audio_message === 1,
    reaction: reactionOf(row, body),
    isGroupEvent: (row.item_type ?? 0) !== 0,
    groupChange: groupChangeOf(row),
    hasAttachments,
    attachments,
    // The placeholder of an app has no attachment.
    hasAllAttachments: hasAllAttachments || appId !== undefined,
    appId,
    problem:
      !row.text && body === '' && isUnreadable(row.attributedBody)
        ? 'The text of a message cannot be read.'
        : undefined,
  };
}

/** Returns a row with the fields that do not depend on the damaged ones. */
export function damagedRowFrom({ rowId, guid, is_from_me, date, ...row }: RawRow, reason: string): ChatRow {
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  const empty = Object.fromEntries(Object.keys(row).map((column) => [column, null])) as unknown as RawRow;
  const readable = {
    ...empty,
    ...{ rowId, guid, is_from_me, date, style: row.style, service: text(row.service) },
    ...{ handle: text(row.handle), chat: text(row.chat), chat_identifier: text(row.chat_identifier) },
    ...{ destination_caller_id: text(row.destination_caller_id), text: text(row.text) },
  };
  const damaged = rowFrom(readable, {
    attachments: [],
    hasAllAttachments: true,
    members: undefined,
    appText: () => undefined,
  });
  return { ...damaged, problem: `A message cannot be read completely: ${reason}` };
}

/** Messages sends `iMessageLite` by satellite. */
function serviceOf(service: string | null): string {
  return service === null || service === '' || service === 'iMessageLite' ? 'iMessage' : service;
}

/** Returns the first number of `0:0:5` (part, start and length of the text that the reply quotes). */
function replyPartOf(part: string | null): number {
  const index = Number.parseInt(part ?? '', 10);
  return index > 0 ? Math.min(index, PART_MAX) : 0;
}

function withoutOwn(members: readonly string[], destination: string | undefined): string[] {
  const own = destination === undefined ? undefined : handleFrom(destination);
  return [...new Set(members.map(handleFrom))].filter((member) => member !== own);
}
