/**
 * Applies edits, retractions, readings and reactions to stored messages, and changes to groups.
 *
 * - Each report is applied once. Reports in any order give the same message and the same events.
 * - A report about a message that is not stored yet waits for it in `pendingItems`.
 */
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import type { InboundItem } from '../../../shared/protocol.ts';
import { applyGroupChange, recordGroup } from '../groups/group-chats.ts';
import { emitOfMessage } from '../lifecycle/emit-event.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import type { EventContext } from '../model/event.ts';
import { GROUP_NAME_MAX, type GroupChangeKind } from '../model/group-chat.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';
import { applyEdit } from './apply-edit.ts';
import {
  type InboundDevice,
  type Participants,
  participantsOf,
  storableText,
  timeOf,
} from './inbound-item.ts';
import { recordReaction } from './record-reaction.ts';

type Change = NonNullable<InboundItem['change']>;

const EMOJI_MAX = 64;

/** Applies the item if it is a change or a reaction. Returns false if it is a message. */
export async function applyItem(
  tx: Queries,
  participants: Participants,
  item: InboundItem,
  context: EventContext,
): Promise<boolean> {
  const { change } = item;
  if (change === undefined) return applyReaction(tx, participants, item, context);
  switch (change.kind) {
    case 'renamed':
    case 'joined':
    case 'left':
      await applyReportedGroupChange(tx, participants, item, { ...change, kind: change.kind }, context);
      return true;
    default: {
      const message = await targetOf(tx, participants, change.of, item, context.now);
      if (message !== undefined) await applyChange(tx, message, change, item.text, context);
      return true;
    }
  }
}

/** A message that became known by this guid. */
export interface Arrival {
  numberId: string;
  guid: string;
}

/** Applies the items that waited for these messages. */
export async function applyPending(
  tx: Queries,
  device: Pick<InboundDevice, 'id' | 'tenantId'>,
  arrivals: readonly Arrival[],
  context: EventContext,
): Promise<void> {
  for (const [numberId, own] of Map.groupBy(arrivals, (arrival) => arrival.numberId)) {
    const guids = own.map(({ guid }) => guid);
    const items = (await tx.pendingItems.take(numberId, guids)) as InboundItem[];
    const number = items.length === 0 ? undefined : await tx.numbers.find(device.tenantId, numberId);
    if (number === undefined) continue;
    for (const item of items) {
      const participants = participantsOf({ ...device, numbers: [number] }, item);
      if (participants === undefined) continue;
      if (item.reply_to !== undefined && item.change === undefined && item.reaction == null) {
        await resolveReply(tx, participants, item);
      } else await applyItem(tx, participants, item, context);
    }
  }
}

/** Sets the target of a reply that arrived before it. */
async function resolveReply(tx: Queries, { number }: Participants, item: InboundItem): Promise<void> {
  const reply = await tx.messages.findByGuid(number.id, item.guid);
  const target = await tx.messages.findByGuid(number.id, item.reply_to ?? '');
  if (reply?.replyTo == null || target === undefined) return;
  await tx.messages.setReply({ ...reply, replyTo: { ...reply.replyTo, messageId: target.id } });
}

async function applyChange(
  tx: Queries,
  message: Message,
  change: Change,
  text: string,
  context: EventContext,
): Promise<void> {
  const at = timeOf(change.at) ?? context.now;
  if (change.kind === 'read') await applyReading(tx, message, at, context);
  else if (change.kind === 'edited') {
    const edit = { at, content: storableText(text), isAction: false };
    await applyEdit(tx, message, { kind: 'edited', ...edit }, context);
  } else await applyEdit(tx, message, { kind: 'unsent', at, content: '', isAction: false }, context);
}

/** The owner read an inbound message on the device. */
async function applyReading(tx: Queries, message: Message, at: number, context: EventContext): Promise<void> {
  if (message.direction !== 'inbound' || (message.readAt !== null && message.readAt <= at)) return;
  const read = { ...message, readAt: at, isUnread: false };
  await tx.messages.setRead(read);
  if (message.readAt !== null) return;
  if (message.isUnread) {
    await tx.messages.setUnread(read);
    const [projection] = await tx.projections.of([message]);
    // The projections count the other messages later, by their new state.
    if (projection?.projectedStatus != null) {
      await tx.conversations.addUnread(conversationId(conversationOf(message)), -1, context.now);
    }
  }
  if (!message.isBlocked) await emitOfMessage(tx, 'message.read', read, context);
}

/** Returns false if the item is not a reaction to an identified message. The caller then stores it as a message. */
export async function applyReaction(
  tx: Queries,
  participants: Participants,
  item: InboundItem,
  context: EventContext,
): Promise<boolean> {
  const { of: target, kind, removed, part } = item.reaction ?? {};
  if (typeof target !== 'string' || typeof kind !== 'string' || kind === '') return false;
  const message = await targetOf(tx, participants, target, item, context.now);
  if (message === undefined) return true;
  await recordReaction(
    tx,
    message,
    {
      guid: item.guid,
      target,
      sender: participants.sender,
      reaction: storableText(kind).slice(0, EMOJI_MAX),
      part: typeof part === 'number' && Number.isInteger(part) && part > 0 ? part : 0,
      isRemoved: removed === true,
      at: timeOf(item.sent_at) ?? context.now,
      id: null,
    },
    context,
  );
  return true;
}

/** Returns the message; undefined after the item was stored to wait for it. */
async function targetOf(
  tx: Queries,
  { number }: Participants,
  guid: string,
  item: InboundItem,
  now: number,
): Promise<Message | undefined> {
  const message = await tx.messages.findByGuid(number.id, guid);
  if (message === undefined) {
    await tx.pendingItems.put(number.id, guid, itemKey(item), item, timeOf(item.sent_at) ?? now);
  }
  return message;
}

/** Several changes of a message may have its guid. */
export function itemKey({ guid, change }: InboundItem): string {
  return change === undefined ? guid : `${guid} ${change.kind} ${change.at}`;
}

const GROUP_CHANGES = { renamed: 'named', joined: 'joined', left: 'left' } as const satisfies Record<
  string,
  GroupChangeKind
>;

async function applyReportedGroupChange(
  tx: Queries,
  { number, sender }: Participants,
  item: InboundItem,
  { of, kind, ...change }: Change & { kind: keyof typeof GROUP_CHANGES },
  context: EventContext,
): Promise<void> {
  const at = timeOf(change.at) ?? context.now;
  const reported = { guid: of, name: undefined, participants: undefined, sender: undefined, at };
  const group = await recordGroup(tx, number, reported, context.now);
  // A departure without a handle is one of the sender.
  const value = change.value ?? (kind === 'left' ? sender : '');
  const named = kind === 'renamed' ? storableText(value).slice(0, GROUP_NAME_MAX) : normalizeHandle(value);
  if (kind !== 'renamed' && named === '') return;
  const changeKind = GROUP_CHANGES[kind];
  await applyGroupChange(
    tx,
    number,
    group,
    { guid: itemKey(item), at, kind: changeKind, actor: sender, value: named },
    context,
  );
}
