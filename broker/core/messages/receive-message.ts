/**
 * What devices hear: texts that came in or that the owner wrote on the phone, what became of them later (edits,
 * retractions, reactions), and history from before the pairing. Each is known by its guid and counts once, however
 * often and in whatever order it is told.
 */
import { type IdSource, idAt } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import type { HistoryItem, InboundItem } from '../../../shared/protocol.ts';
import { suppress, unsuppress } from '../contacts/opt-out.ts';
import { searchWords } from '../inbox/search-words.ts';
import { emit } from '../lifecycle/emit-event.ts';
import type { EventContext } from '../model/event.ts';
import { type Media, NOT_FETCHED } from '../model/media.ts';
import { type Message, NEW_MESSAGE_DEFAULTS, type TimelineEntry } from '../model/message.ts';
import type { OwnNumber } from '../model/number.ts';
import { optKeywordOf } from '../model/suppression.ts';
import type { Queries } from '../ports/store.ts';

export interface InboundDevice {
  id: string;
  tenantId: number;
  numbers: readonly OwnNumber[];
}

export interface InboundOptions {
  now: number;
  ids: IdSource;
  /** Texts that were sent longer ago than this are marked late. */
  lateMs: number;
}

/** Gives the messages that are new. */
export async function recordInbound(
  tx: Queries,
  device: InboundDevice,
  items: readonly InboundItem[],
  context: InboundOptions,
): Promise<Message[]> {
  const stored: Message[] = [];
  for (const item of items) {
    const ours = sidesOf(device, item);
    if (ours === undefined) continue;
    if (item.change !== undefined) {
      await recordChange(tx, ours, item.change, item.text, context.now);
      continue;
    }
    if (await recordReaction(tx, ours, item, context.now)) continue;
    if ((await tx.messages.findByGuid(ours.number.id, item.guid)) !== undefined) continue;
    const sentAt = timeOf(item.sent_at) ?? context.now;
    const kind = item.from_me ? 'sent' : 'received';
    const isLate = !item.from_me && (item.late === true || context.now - sentAt > context.lateMs);
    const message: Message = {
      ...(await messageOf(tx, device, ours, item, context)),
      id: context.ids(),
      status: kind,
      createdAt: context.now,
      expiresAt: context.now,
      sentAt,
      isLate,
      isUnread: kind === 'received',
    };
    await tx.messages.insert(message, entryOf(kind, message, device, item, context.now));
    stored.push(message);
    if (kind === 'received') await onInboundMessage(tx, message, context);
  }
  return stored;
}

/** Tells of a text that came in, and does what it says of opting out or in. */
export async function onInboundMessage(tx: Queries, message: Message, context: EventContext): Promise<void> {
  const { tenantId, numberId, handle, chat, content } = message;
  tx.afterCommit((metrics) => metrics.received(message));
  await emit(tx, { tenantId, numberId, type: 'message.received', subject: { message } }, context);
  // They are no stranger now, and they have answered.
  if (chat === null) await tx.messages.reconsiderDeferred(numberId, handle, context.now);
  // What is said in a group is not said to us.
  const opt = chat === null ? optKeywordOf(content) : undefined;
  if (opt?.isOut) await suppress(tx, tenantId, handle, opt.word, context);
  else if (opt !== undefined) await unsuppress(tx, tenantId, handle, opt.word, context);
}

/** History takes its place among the messages by when it was sent. Gives how many were new. */
export async function recordHistory(
  tx: Queries,
  device: InboundDevice,
  items: readonly HistoryItem[],
  context: Pick<InboundOptions, 'now' | 'ids'>,
): Promise<number> {
  let stored = 0;
  for (const item of items) {
    const ours = sidesOf(device, item);
    if (ours === undefined) continue;
    if (await recordReaction(tx, ours, item, context.now)) continue;
    if ((await tx.messages.findByGuid(ours.number.id, item.guid)) !== undefined) continue;
    const sentAt = Math.min(timeOf(item.sent_at) ?? context.now, context.now);
    const deliveredAt = timeOf(item.delivered_at) ?? null;
    const message: Message = {
      ...(await messageOf(tx, device, ours, item, context)),
      id: idAt(sentAt),
      status: item.from_me ? outcomeOf(item, deliveredAt) : 'received',
      errorCode: item.failed ? 'device_error' : null,
      failedAt: item.failed ? sentAt : null,
      createdAt: sentAt,
      expiresAt: sentAt,
      sentAt,
      deliveredAt: item.from_me ? deliveredAt : null,
      // What came in before the pairing is nobody's news.
      readAt: timeOf(item.read_at) ?? (item.from_me ? null : sentAt),
      isUnread: false,
    };
    await tx.messages.insert(message, entryOf('imported', message, device, item, context.now));
    stored += 1;
  }
  return stored;
}

interface Sides {
  number: OwnNumber;
  handle: string;
  sender: string;
}

function sidesOf(device: InboundDevice, item: InboundItem): Sides | undefined {
  const to = item.to === undefined ? undefined : normalizeHandle(item.to);
  const from = normalizeHandle(item.from);
  // A Mac also receives for e-mail addresses of its owner; those count for its first number.
  const mine = item.from_me ? from : to;
  const number = device.numbers.find(({ phoneNumber }) => phoneNumber === mine) ?? device.numbers[0];
  if (number === undefined) return undefined;
  return {
    number,
    handle: item.from_me ? (to ?? from) : from,
    sender: item.from_me ? number.phoneNumber : from,
  };
}

async function messageOf(
  tx: Queries,
  device: InboundDevice,
  { number, handle }: Sides,
  item: InboundItem,
  { ids }: Pick<InboundOptions, 'ids'>,
): Promise<Message> {
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
    id: '',
    tenantId: device.tenantId,
    numberId: number.id,
    direction: item.from_me ? 'outbound' : 'inbound',
    status: 'received',
    ownNumber: number.phoneNumber,
    handle,
    content: storableText(item.text),
    media,
    chat: item.chat?.includes(';+;') ? item.chat : null,
    requestedService: 'auto',
    service: item.service.toLowerCase(),
    expiresAt: 0,
    deviceId: device.id,
    guid: item.guid,
    createdAt: 0,
  };
}

function entryOf(
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

/** The words of a message were changed, or it was taken back. Only what is newer than what is known counts. */
async function recordChange(
  tx: Queries,
  { number }: Sides,
  change: NonNullable<InboundItem['change']>,
  text: string,
  now: number,
): Promise<void> {
  const message = await tx.messages.findByGuid(number.id, change.of);
  if (message === undefined) return;
  const at = timeOf(change.at) ?? now;
  const before = change.kind === 'edited' ? message.editedAt : message.retractedAt;
  if (message.retractedAt !== null || (before !== null && before >= at)) return;
  const content = change.kind === 'edited' ? storableText(text) : '';
  const revised: Message = {
    ...message,
    content,
    ...(change.kind === 'edited' ? { editedAt: at } : { retractedAt: at }),
  };
  const detail = { before: message.content };
  await tx.messages.revise(revised, { at: now, kind: change.kind, status: message.status, detail });
  const [known] = await tx.projections.of([revised]);
  // Otherwise the projections take it up with its new words.
  if (known?.projectedStatus == null || revised.deletedAt !== null) return;
  await tx.search.remove(revised);
  const words = searchWords(content);
  if (words.length > 0) await tx.search.insert(revised, words);
}

/** False: it is no reaction that names what it is about, so it is a message like any other. */
async function recordReaction(
  tx: Queries,
  { number, sender }: Sides,
  item: InboundItem,
  now: number,
): Promise<boolean> {
  const { of: target, kind, removed } = item.reaction ?? {};
  if (typeof target !== 'string' || typeof kind !== 'string') return false;
  const isRemoved = removed === true;
  const reaction = { guid: item.guid, target, sender, kind, isRemoved, at: timeOf(item.sent_at) ?? now };
  if (!(await tx.reactions.insert(number.id, reaction))) return true;
  const message = await tx.messages.findByGuid(number.id, target);
  if (message !== undefined) {
    const detail = { from: sender, reaction: kind, ...(isRemoved ? { removed: true } : {}) };
    await tx.messages.note(message.id, { at: now, kind: 'reaction', status: message.status, detail });
  }
  return true;
}

function outcomeOf({ failed }: HistoryItem, deliveredAt: number | null): 'failed' | 'delivered' | 'sent' {
  if (failed) return 'failed';
  return deliveredAt === null ? 'sent' : 'delivered';
}

/** Without what no database keeps: NUL and halves of characters. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '');
}

function timeOf(text: string | undefined): number | undefined {
  const at = text === undefined ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}
