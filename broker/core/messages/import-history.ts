/** Imports messages from before the pairing. Each message is stored once, identified by its guid. */
import { type IdSource, idAt } from '../../../shared/ids.ts';
import type { HistoryItem } from '../../../shared/protocol.ts';
import { withSenderRule } from '../contacts/sender-rules.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';
import { type Arrival, applyItem, applyPending } from './apply-change.ts';
import { type InboundDevice, messageOf, participantsOf, timelineEntryOf, timeOf } from './inbound-item.ts';

/** Creates each id from the send time, which determines the position in lists. Returns the number of new messages. */
export async function importHistory(
  tx: Queries,
  device: InboundDevice,
  items: readonly HistoryItem[],
  context: { now: number; ids: IdSource },
): Promise<number> {
  const silent = { ...context, isSilent: true };
  const arrivals: Arrival[] = [];
  let imported = 0;
  for (const item of items) {
    const participants = participantsOf(device, item);
    if (participants === undefined) continue;
    if (await applyItem(tx, participants, item, silent)) continue;
    if ((await tx.messages.findByGuid(participants.number.id, item.guid)) !== undefined) continue;
    const sentAt = Math.min(timeOf(item.sent_at) ?? context.now, context.now);
    const deliveredAt = timeOf(item.delivered_at) ?? null;
    const reported: Message = {
      ...(await messageOf(tx, device, participants, item, context)),
      id: idAt(sentAt),
      status: item.from_me ? outcomeOf(item, deliveredAt) : 'received',
      errorCode: item.failed ? 'device_error' : null,
      failedAt: item.failed ? sentAt : null,
      createdAt: sentAt,
      expiresAt: sentAt,
      sentAt,
      deliveredAt: item.from_me ? deliveredAt : null,
      // Inbound messages from before the pairing count as read.
      readAt: timeOf(item.read_at) ?? (item.from_me ? null : sentAt),
      isUnread: false,
    };
    const message = await withSenderRule(tx, reported, context.now);
    await tx.messages.insert(message, timelineEntryOf('imported', message, device, item, context.now));
    arrivals.push({ numberId: message.numberId, guid: item.guid });
    imported += 1;
  }
  await applyPending(tx, device, arrivals, silent);
  return imported;
}

function outcomeOf({ failed }: HistoryItem, deliveredAt: number | null): 'failed' | 'delivered' | 'sent' {
  if (failed) return 'failed';
  return deliveredAt === null ? 'sent' : 'delivered';
}
