/** Converts items that a device reports (relay protocol) to messages and timeline entries. */
import type { IdSource } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import type { InboundItem } from '../../../shared/protocol.ts';
import { recordGroup } from '../groups/group-chats.ts';
import type { GroupChat } from '../model/group-chat.ts';
import { type Media, NOT_FETCHED } from '../model/media.ts';
import {
  type Message,
  NEW_MESSAGE_DEFAULTS,
  type ReplyTarget,
  SUBJECT_MAX_CHARACTERS,
  type TimelineEntry,
} from '../model/message.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Queries } from '../ports/store.ts';

export interface InboundDevice {
  id: string;
  tenantId: number;
  numbers: readonly OwnNumber[];
}

export interface Participants {
  number: OwnNumber;
  /** The other party: the sender of an inbound message, the recipient of an outbound one. */
  handle: string;
  sender: string;
}

/** Returns undefined if the device has no number. */
export function participantsOf(device: InboundDevice, item: InboundItem): Participants | undefined {
  const to = item.to === undefined ? undefined : normalizeHandle(item.to);
  const from = normalizeHandle(item.from);
  // A Mac also receives for the e-mail addresses of its owner; these messages belong to its first number.
  const own = item.from_me ? from : to;
  const number = device.numbers.find(({ phoneNumber }) => phoneNumber === own) ?? device.numbers[0];
  if (number === undefined) return undefined;
  return {
    number,
    handle: item.from_me ? (to ?? from) : from,
    sender: item.from_me ? number.phoneNumber : from,
  };
}

/** The attributes of a message that do not depend on whether it is new or imported. */
export type ItemMessage = Omit<Message, 'id' | 'status' | 'createdAt' | 'expiresAt'>;

export async function messageOf(
  tx: Queries,
  device: InboundDevice,
  participants: Participants,
  item: InboundItem,
  { ids, now }: { ids: IdSource; now: number },
): Promise<ItemMessage> {
  const { number } = participants;
  const group = await groupOf(tx, participants, item, now);
  // The queue and the lists order outbound messages by their recipient, which is the group.
  const handle = group !== undefined && item.from_me ? group.chat : participants.handle;
  const media: Media[] = [];
  for (const { id, content_type, size, name } of item.media) {
    const uploaded = await tx.media.findUpload(device.id, id);
    const described = { contentType: content_type, name: storableText(name) || null };
    media.push(
      uploaded === undefined
        ? { ...NOT_FETCHED, id: ids(), sourceUrl: null, size, ...described }
        : { ...uploaded, ...described },
    );
  }
  return {
    ...NEW_MESSAGE_DEFAULTS,
    tenantId: device.tenantId,
    numberId: number.id,
    direction: item.from_me ? 'outbound' : 'inbound',
    ownNumber: number.phoneNumber,
    handle,
    content: storableText(item.text),
    media,
    chat: group?.chat ?? null,
    replyTo: await replyTargetOf(tx, number.id, item, now),
    effect: item.effect ?? null,
    subject: item.subject === undefined ? null : storableText(item.subject).slice(0, SUBJECT_MAX_CHARACTERS),
    isVoiceNote: item.voice_note ?? false,
    requestedService: 'auto',
    service: item.service.toLowerCase(),
    deviceId: device.id,
    guid: item.guid,
  };
}

/** Returns the group of the item, and stores what the item says about it. */
export async function groupOf(
  tx: Queries,
  { number, sender }: Participants,
  { chat, chat_name, participants, sent_at, from_me }: InboundItem,
  now: number,
): Promise<GroupChat | undefined> {
  if (!chat?.includes(';+;')) return undefined;
  const reported = {
    guid: chat,
    name: chat_name === undefined ? undefined : storableText(chat_name),
    participants: participants?.map((one) => normalizeHandle(one)).filter((one) => one !== ''),
    sender: from_me ? undefined : sender,
    at: timeOf(sent_at) ?? now,
  };
  return recordGroup(tx, number, reported, now);
}

/** A reply may arrive before its target. It then waits for the target. */
async function replyTargetOf(
  tx: Queries,
  numberId: string,
  item: InboundItem,
  now: number,
): Promise<ReplyTarget | null> {
  const { reply_to: guid, reply_part: part = 0 } = item;
  if (guid === undefined || guid === '') return null;
  const target = await tx.messages.findByGuid(numberId, guid);
  if (target === undefined) await tx.pendingItems.put(numberId, guid, item.guid, item, now);
  return { messageId: target?.id ?? null, guid, part };
}

export function timelineEntryOf(
  kind: 'sent' | 'received' | 'imported',
  { status, isLate }: Message,
  device: InboundDevice,
  item: InboundItem,
  at: number,
): TimelineEntry {
  return {
    at,
    kind,
    status,
    detail: {
      device: device.id,
      ...(item.chat === undefined ? {} : { chat: item.chat }),
      ...(item.chat_name === undefined ? {} : { chat_name: item.chat_name }),
      ...(item.reply_to === undefined ? {} : { reply_to: item.reply_to }),
      ...(item.reaction == null ? {} : { reaction: JSON.stringify(item.reaction) }),
      ...(isLate ? { late: true } : {}),
    },
  };
}

/** Removes characters that the databases reject: NUL and lone surrogates. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

/** Epoch ms; undefined if the text is missing or not a date. */
export function timeOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
