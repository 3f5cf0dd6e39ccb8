/**
 * Recognizes a message that several devices of a number report, such as a Mac and an iPhone. Their guids differ, so a copy
 * has the same party, direction and text, and was sent at about the same time. Each report of a device matches one
 * message, so equal texts that were sent in a row stay separate messages.
 */
import { firstIdAt } from '../../../shared/ids.ts';
import type { InboundItem } from '../../../shared/protocol.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';
import { type InboundDevice, messageOf, type Participants, timeOf } from './inbound-item.ts';

/** Maximum difference between the times that two devices report for one message. */
const TIME_TOLERANCE_MS = 2 * 60_000;
/** Maximum age of a message that the broker sends, when another device of the number reports it. */
const SENDING_MAX_MS = 24 * 3_600_000;
const CANDIDATES_MAX = 50;

/** Returns the message that another device reported before, or that it sends for the broker. */
export async function findCopy(
  tx: Queries,
  device: InboundDevice,
  { number, handle }: Participants,
  item: InboundItem,
  now: number,
): Promise<Message | undefined> {
  if (!(await tx.numbers.hasSeveralDevices(number.id))) return undefined;
  const sentAt = timeOf(item.sent_at) ?? now;
  const since = Math.min(now, sentAt) - (item.from_me ? SENDING_MAX_MS : TIME_TOLERANCE_MS);
  const candidates = await tx.messages.copies({
    ...{ tenantId: device.tenantId, numberId: number.id, handle, deviceId: device.id },
    direction: item.from_me ? 'outbound' : 'inbound',
    sinceId: firstIdAt(since),
    limit: CANDIDATES_MAX,
  });
  const text = comparable(item.text);
  return candidates.find((message) => {
    const isSameTime =
      message.status === 'polling' ||
      Math.abs((message.sentAt ?? message.createdAt) - sentAt) <= TIME_TOLERANCE_MS;
    return isSameTime && message.guid !== item.guid && comparable(message.content) === text;
  });
}

/** Stores that this device knows the message too. A copy with attachments completes a message without any. */
export async function recordCopy(
  tx: Queries,
  device: InboundDevice,
  message: Message,
  { participants, item, at }: { participants: Participants; item: InboundItem; at: number },
  ids: () => string,
): Promise<void> {
  await tx.messages.addAlias(message, { guid: item.guid, deviceId: device.id });
  if (message.media.length === 0 && item.media.length > 0) {
    const { media } = await messageOf(tx, device, participants, item, { ids, now: at });
    await tx.messages.addMedia(message, media);
  }
  await tx.messages.addTimelineEntry(message.id, {
    at,
    kind: item.from_me ? 'sent' : 'received',
    status: message.status,
    detail: { device: device.id, copy: true },
  });
}

/** A Mac marks the place of an attachment in the text. */
function comparable(text: string): string {
  return text
    .toWellFormed()
    .replace(/[\0\uFFFC]/g, '')
    .trim();
}
