/**
 * Stores messages that a device reports: inbound messages and messages that the owner wrote on the device.
 *
 * - Each message is stored once, identified by its guid. Repeated and reordered reports change nothing.
 * - A message of a blocked sender is stored, is not in the inbox, and has no other effect.
 * - The copies that several devices of a number report are one message; see device-copies.ts.
 * - Edits, retractions, reactions and changes of groups in the same report go to apply-change.ts.
 */
import type { InboundItem } from '../../../shared/protocol.ts';
import { suppress, unsuppress } from '../contacts/opt-out.ts';
import { withSenderRule } from '../contacts/sender-rules.ts';
import { reconsiderRecipient } from '../dispatch/reconsider-deferred.ts';
import { emitOfMessage } from '../lifecycle/emit-event.ts';
import type { EventContext } from '../model/event.ts';
import type { Message, TimelineEntry } from '../model/message.ts';
import { optKeywordOf } from '../model/suppression.ts';
import type { Queries } from '../ports/store.ts';
import { type Arrival, applyItem, applyPending } from './apply-change.ts';
import { findCopy, recordCopy } from './device-copies.ts';
import { type InboundDevice, messageOf, participantsOf, timelineEntryOf, timeOf } from './inbound-item.ts';

export interface InboundOptions extends EventContext {
  /** Age from which an inbound message is marked as late, in milliseconds. */
  lateMs: number;
}

/** Returns the new messages. */
export async function recordInbound(
  tx: Queries,
  device: InboundDevice,
  items: readonly InboundItem[],
  options: InboundOptions,
): Promise<Message[]> {
  const { now, ids, lateMs } = options;
  const stored: Message[] = [];
  const arrivals: Arrival[] = [];
  for (const item of items) {
    const participants = participantsOf(device, item);
    if (participants === undefined) continue;
    if (item.typing !== undefined) continue;
    if (await applyItem(tx, participants, item, options)) continue;
    if ((await tx.messages.findByGuid(participants.number.id, item.guid)) !== undefined) continue;
    const known = await findCopy(tx, device, participants, item, now);
    if (known !== undefined) {
      await recordCopy(tx, device, known, { participants, item, at: now }, ids);
      arrivals.push({ numberId: known.numberId, guid: item.guid });
      continue;
    }
    const sentAt = timeOf(item.sent_at) ?? now;
    const kind = item.from_me ? 'sent' : 'received';
    const isLate = !item.from_me && (item.late === true || now - sentAt > lateMs);
    const message: Message = {
      ...(await messageOf(tx, device, participants, item, options)),
      id: ids(),
      status: kind,
      createdAt: now,
      expiresAt: now,
      sentAt,
      isLate,
      isUnread: kind === 'received',
    };
    const entry = timelineEntryOf(kind, message, device, item, now);
    if (kind === 'received') stored.push(await storeInbound(tx, message, entry, options));
    else {
      await tx.messages.insert(message, entry);
      stored.push(message);
    }
    arrivals.push({ numberId: message.numberId, guid: item.guid });
  }
  await applyPending(tx, device, arrivals, options);
  return stored;
}

/** Stores an inbound message by the rule about its sender, and applies its effects. Returns the stored message. */
export async function storeInbound(
  tx: Queries,
  received: Message,
  entry: TimelineEntry,
  context: EventContext,
): Promise<Message> {
  const message = await withSenderRule(tx, received, context.now);
  await tx.messages.insert(message, entry);
  if (!message.isBlocked) await onInboundMessage(tx, message, context);
  return message;
}

/** Emits the event of an inbound message and applies its opt-out or opt-in keyword. */
async function onInboundMessage(tx: Queries, message: Message, context: EventContext): Promise<void> {
  const { tenantId, numberId, handle, chat, content, ownNumber } = message;
  tx.afterCommit((metrics) => metrics.received(message));
  await emitOfMessage(tx, 'message.received', message, context);
  // Keywords in a group are not addressed to the number, and a group message is no reply to it.
  if (chat !== null) return;
  // The sender is an existing contact now, and has replied.
  await reconsiderRecipient(tx, numberId, handle, context.now);
  const keyword = optKeywordOf(content, ownNumber);
  if (keyword === undefined) return;
  const change = keyword.isOut ? suppress : unsuppress;
  await change(tx, tenantId, handle, keyword.word, context);
}
