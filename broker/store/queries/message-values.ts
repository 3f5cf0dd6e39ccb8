/** Converts messages and timeline entries to the values of their rows. */
import type { Message, TimelineEntry } from '../../core/model/message.ts';
import type { NamedValues } from '../database.ts';
import { DEFERRED_LANE_OFFSET, type RichFields } from './message-rows.ts';

export function timelineValues(messageId: string, { at, kind, status, detail }: TimelineEntry): NamedValues {
  return { messageId, at, kind, status, detail: jsonOrNull(detail) };
}

function jsonOrNull(value: unknown): string | null {
  return value === null ? null : JSON.stringify(value);
}

/** Returns the value of the column `rich`. */
export function richValue(
  message: Pick<Message, 'replyTo' | 'effect' | 'subject' | 'isVoiceNote' | 'action'>,
): string | null {
  const { replyTo, effect, subject, isVoiceNote, action } = message;
  const rich: RichFields = {};
  if (replyTo !== null) rich.replyTo = replyTo;
  if (effect !== null) rich.effect = effect;
  if (subject !== null) rich.subject = subject;
  if (isVoiceNote) rich.isVoiceNote = true;
  if (action !== null) {
    const { messageId, part, value } = action;
    rich.action = { messageId, part, value };
  }
  return Object.keys(rich).length === 0 ? null : JSON.stringify(rich);
}

export function insertValues(message: Message): NamedValues {
  return {
    id: message.id,
    tenantId: message.tenantId,
    numberId: message.numberId,
    direction: message.direction,
    status: message.status,
    ownNumber: message.ownNumber,
    handle: message.handle,
    content: message.content,
    requestedService: message.requestedService,
    service: message.service,
    lane: message.priority + (message.deferredUntil === null ? 0 : DEFERRED_LANE_OFFSET),
    deferredUntil: message.deferredUntil,
    deferReason: message.deferReason,
    sendAt: message.sendAt,
    expiresAt: message.expiresAt,
    hasRequestedExpiry: message.hasRequestedExpiry ? 1 : 0,
    guid: message.guid,
    createdAt: message.createdAt,
    sentAt: message.sentAt,
    deliveredAt: message.deliveredAt,
    readAt: message.readAt,
    failedAt: message.failedAt,
    deviceId: message.deviceId,
    mediaCount: message.media.length,
    chat: message.chat,
    isLate: message.isLate ? 1 : 0,
    isUnread: message.isUnread ? 1 : 0,
    errorCode: message.errorCode,
    metadata: jsonOrNull(message.metadata),
    template: jsonOrNull(message.template),
    costCents: message.costCents,
    committedCents: message.committedCents,
    callbackId: message.callbackId,
    rich: richValue(message),
    action: message.action?.kind ?? null,
    needs: message.needs,
    isBlocked: message.isBlocked ? 1 : 0,
    deletedAt: message.deletedAt,
  };
}
