/**
 * Stores inbound messages and message statuses from provider callbacks. Providers repeat callbacks: a message is
 * identified by the provider's id, and a repeated status changes nothing.
 */
import { formatId } from '../../../shared/ids.ts';
import { normalizeHandle } from '../../../shared/phone-numbers.ts';
import type { ReportItem } from '../../../shared/protocol.ts';
import { applyReports } from '../messages/apply-reports.ts';
import { storableText } from '../messages/inbound-item.ts';
import { storeInbound } from '../messages/receive-message.ts';
import type { EventContext } from '../model/event.ts';
import { NOT_FETCHED } from '../model/media.ts';
import { type Message, NEW_MESSAGE_DEFAULTS } from '../model/message.ts';
import type { OwnNumber } from '../model/number.ts';
import type { ProviderStatus, ProviderText } from '../ports/provider.ts';
import type { Queries } from '../ports/store.ts';

/** `not_ours`: no live number receives this message through the provider. */
export type ReceivedTextOutcome = 'new' | 'known' | 'not_ours';

export async function recordProviderText(
  tx: Queries,
  provider: string,
  text: ProviderText,
  context: EventContext,
): Promise<ReceivedTextOutcome> {
  const number = await liveNumber(tx, text.to);
  if (number === undefined || !receivesThrough(provider, number, text)) return 'not_ours';
  if ((await tx.messages.findByGuid(number.id, text.ref)) !== undefined) return 'known';
  const { now, ids } = context;
  const message: Message = {
    ...NEW_MESSAGE_DEFAULTS,
    id: ids(),
    tenantId: number.tenantId,
    numberId: number.id,
    direction: 'inbound',
    status: 'received',
    ownNumber: number.phoneNumber,
    handle: normalizeHandle(text.from),
    content: storableText(text.text),
    media: text.media.map(({ url, contentType }) => ({
      ...NOT_FETCHED,
      id: ids(),
      sourceUrl: url,
      contentType,
      name: null,
    })),
    chat: null,
    requestedService: 'auto',
    service: text.channel,
    expiresAt: now,
    deviceId: provider,
    guid: text.ref,
    createdAt: now,
    sentAt: now,
    isUnread: true,
  };
  const detail = { device: provider };
  await storeInbound(tx, message, { at: now, kind: 'received', status: 'received', detail }, context);
  return 'new';
}

/**
 * Applies the status to the message with `messageId`, or else to the message with the provider's id. Returns the ids of
 * the numbers whose next message may be dispatched.
 */
export async function recordProviderStatus(
  tx: Queries,
  provider: string,
  status: ProviderStatus,
  messageId: string | undefined,
  context: EventContext,
): Promise<ReadonlySet<string>> {
  const number = await liveNumber(tx, status.from);
  if (number === undefined) return new Set();
  const named = messageId === undefined ? undefined : await tx.messages.find(number.tenantId, messageId);
  const message = named?.numberId === number.id ? named : await tx.messages.findByGuid(number.id, status.ref);
  // The callback URL of one message with the provider's id of another: not sent by the provider.
  if (message === undefined || (message.guid !== null && message.guid !== status.ref)) return new Set();
  const item: ReportItem = {
    message: formatId('msg', message.id),
    lease: formatId('lse', message.leaseId ?? ''),
    state: status.state,
    service: status.channel,
    guid: status.ref,
    error: status.error ?? undefined,
  };
  const device = { id: provider, tenantId: number.tenantId };
  return (await applyReports(tx, device, [item], { ...context, leaseUntil: 0 })).numberIds;
}

async function liveNumber(tx: Queries, phoneNumber: string): Promise<OwnNumber | undefined> {
  const tenantId = await tx.numbers.liveTenantOf(phoneNumber);
  return tenantId === undefined ? undefined : tx.numbers.findByPhone(tenantId, phoneNumber);
}

/** True for a number bought from the provider, and for WhatsApp to a device number that uses the provider. */
function receivesThrough(provider: string, number: OwnNumber, { channel }: ProviderText): boolean {
  return number.provider === provider || (channel === 'whatsapp' && number.hasWhatsapp);
}
