/** Serializes domain values for the Textree API. */
import { formatId } from '../../../shared/ids.ts';
import type { MonthlyUsage } from '../../core/billing/billing.ts';
import type { Contact } from '../../core/model/contact.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { EventType, WebhookDelivery } from '../../core/model/event.ts';
import { type Message, type MessageStatus, otherPartyOf } from '../../core/model/message.ts';
import type { OwnNumber } from '../../core/model/number.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import { formatTime } from '../../http/timestamps.ts';

export function serializeMessage(message: Message, segments: number) {
  return {
    id: formatId('msg', message.id),
    status: serializeStatus(message.status),
    phone_number: otherPartyOf(message),
    ...(message.chat === null ? {} : { conversation_id: conversationId(conversationOf(message)) }),
    segments,
    cost_cents: message.status === 'failed' ? 0 : message.costCents,
    created_at: formatTime(message.createdAt),
    ...(message.metadata === null ? {} : { metadata: message.metadata }),
  };
}

/** A message that was leased to a device is still `queued` in this API. */
function serializeStatus(status: MessageStatus): Exclude<MessageStatus, 'polling'> {
  return status === 'polling' ? 'queued' : status;
}

export function serializeNumber(number: OwnNumber, inboundWebhookUrl: string | null) {
  return {
    id: formatId('num', number.id),
    number: number.phoneNumber,
    friendly_name: number.label,
    capabilities: [number.provider === null ? 'imessage' : 'sms'],
    status: connectionStatusOf(number),
    inbound_webhook_url: inboundWebhookUrl,
    compliance_status: complianceStatusOf(number),
    created_at: formatTime(number.createdAt),
  };
}

export function serializePurchasedNumber(number: OwnNumber) {
  return {
    id: formatId('num', number.id),
    number: number.phoneNumber,
    friendly_name: number.label,
    status: connectionStatusOf(number),
    compliance_status: complianceStatusOf(number),
  };
}

function connectionStatusOf({ status, verified }: OwnNumber): 'connected' | 'pending' | 'disabled' {
  if (status === 'paused') return 'disabled';
  return verified ? 'connected' : 'pending';
}

const complianceStatusOf = ({ complianceStatus }: OwnNumber) => complianceStatus ?? 'not_required';

export function serializeContact(contact: Contact, isOptedOut: boolean) {
  return {
    id: formatId('con', contact.id),
    phone_number: contact.handle,
    name: contact.name,
    email: contact.email,
    custom_fields: contact.customFields,
    opted_out: isOptedOut,
    created_at: formatTime(contact.createdAt),
    updated_at: formatTime(contact.updatedAt),
  };
}

export function serializeWebhook(webhook: Webhook) {
  return {
    id: formatId('wh', webhook.id),
    url: webhook.url,
    events: webhook.events,
    number_id: webhook.numberId === null ? null : formatId('num', webhook.numberId),
    active: webhook.isActive,
    created_at: formatTime(webhook.createdAt),
    updated_at: formatTime(webhook.updatedAt),
  };
}

export function serializeDelivery(delivery: WebhookDelivery, type: EventType) {
  return {
    id: formatId('dlv', delivery.id),
    event_id: formatId('evt', delivery.eventId),
    type,
    status: delivery.status,
    attempts: delivery.attempts,
    next_attempt_at: delivery.status === 'pending' ? formatTime(delivery.nextAttemptAt) : null,
    is_replay: delivery.isReplay,
    created_at: formatTime(delivery.createdAt),
  };
}

export function serializeUsage(month: string, usage: MonthlyUsage) {
  const { queued = 0, sent = 0, delivered = 0, failed = 0 } = usage.messages;
  return {
    month,
    messages: { queued, sent, delivered, failed },
    segments: usage.segments,
    cost_cents: usage.costCents,
    committed_cents: usage.committedCents,
    limit: usage.limitCents,
  };
}
