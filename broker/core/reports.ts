/**
 * What devices say: reports on messages they were handed, and texts that came in. Both may come twice, late
 * and in any order, and the outcome is the same: a report is known by message and state, a text by its guid.
 */
import { type IdSource, readId } from '../../shared/ids.ts';
import { normalizeHandle } from '../../shared/phone-numbers.ts';
import type { InboundItem, ReportItem } from '../../shared/protocol.ts';
import { advance, type Message } from './messages.ts';
import type { OwnNumber } from './numbers.ts';
import type { Queries } from './store-port.ts';

export interface ReportOutcome {
  /** Numbers whose queue may have moved on. */
  numberIds: Set<string>;
  /** Reports on messages that this device was never given. */
  unknown: string[];
}

export async function applyReports(
  tx: Queries,
  device: { id: string; worldId: number },
  items: readonly ReportItem[],
  { now, leaseMs }: { now: number; leaseMs: number },
): Promise<ReportOutcome> {
  const outcome: ReportOutcome = { numberIds: new Set(), unknown: [] };
  for (const item of items) {
    const id = readId('msg', item.message);
    const message =
      id === undefined ? undefined : await tx.messages.findForDevice(device.worldId, device.id, id);
    if (message === undefined || message.attempt === 0) {
      outcome.unknown.push(item.message);
      continue;
    }
    const guid = await freeGuid(tx, message, item.guid);
    const step = advance(
      message,
      {
        kind: 'report',
        report: {
          deviceId: device.id,
          state: item.state,
          deviceTime: item.at,
          service: item.service,
          guid,
          error: item.error,
          leaseUntil: now + leaseMs,
        },
      },
      now,
    );
    if (step === undefined) continue;
    await tx.messages.record(step.message, step.entry);
    if (step.message.status !== 'polling') outcome.numberIds.add(message.numberId);
  }
  return outcome;
}

/** A guid that another message already has is left out rather than failing the whole report. */
async function freeGuid(
  tx: Queries,
  message: Message,
  guid: string | undefined,
): Promise<string | undefined> {
  if (guid === undefined || guid === message.guid) return guid;
  return (await tx.messages.findByGuid(message.numberId, guid)) === undefined ? guid : undefined;
}

export async function recordInbound(
  tx: Queries,
  device: { id: string; worldId: number; numbers: readonly OwnNumber[] },
  items: readonly InboundItem[],
  { now, ids }: { now: number; ids: IdSource },
): Promise<Message[]> {
  const stored: Message[] = [];
  for (const item of items) {
    const to = item.to === undefined ? undefined : normalizeHandle(item.to);
    const from = normalizeHandle(item.from);
    // A Mac also receives for e-mail addresses of its owner; those count for its first number.
    const mine = item.from_me ? from : to;
    const number = device.numbers.find(({ phoneNumber }) => phoneNumber === mine) ?? device.numbers[0];
    if (number === undefined) continue;
    if ((await tx.messages.findByGuid(number.id, item.guid)) !== undefined) continue;
    const sentAt = item.sent_at === undefined ? Number.NaN : Date.parse(item.sent_at);
    const message: Message = {
      id: ids(),
      worldId: device.worldId,
      numberId: number.id,
      direction: item.from_me ? 'outbound' : 'inbound',
      status: item.from_me ? 'sent' : 'received',
      ownNumber: number.phoneNumber,
      remote: item.from_me ? (to ?? from) : from,
      content: item.text.toWellFormed().replaceAll('\0', ''),
      mediaUrl: null,
      requestedService: 'auto',
      service: item.service.toLowerCase(),
      errorCode: null,
      errorMessage: null,
      errorRetryable: false,
      priority: 0,
      notBefore: null,
      expiresAt: now,
      attempt: 0,
      deviceId: device.id,
      leaseId: null,
      leaseUntil: null,
      leaseJournaled: false,
      cancelRequestedAt: null,
      guid: item.guid,
      createdAt: now,
      sentAt: Number.isNaN(sentAt) ? now : sentAt,
      deliveredAt: null,
      readAt: null,
      failedAt: null,
    };
    await tx.messages.insert(message, {
      at: now,
      kind: item.from_me ? 'sent' : 'received',
      status: message.status,
      detail: {
        device: device.id,
        ...(item.chat === undefined ? {} : { chat: item.chat }),
        ...(item.reply_to === undefined ? {} : { reply_to: item.reply_to }),
        ...(item.reaction == null ? {} : { reaction: JSON.stringify(item.reaction) }),
        ...(item.media.length === 0 ? {} : { media: JSON.stringify(item.media) }),
      },
    });
    stored.push(message);
  }
  return stored;
}
