/** Reads Twilio's callbacks. Form fields: https://www.twilio.com/docs/messaging/guides/webhook-request. */
import type { ProviderCallback, ProviderChannel, ProviderStatus } from '../../core/ports/provider.ts';
import { failureOf } from './failures.ts';

type Fields = Readonly<Record<string, string>>;

const WHATSAPP = 'whatsapp:';
/** The maximum of an MMS. */
const MEDIA_MAX = 10;

/** States before `sent` are ignored: they add no information. */
const STATES: Readonly<Record<string, ProviderStatus['state']>> = {
  sent: 'sent',
  delivered: 'delivered',
  read: 'read',
  failed: 'failed',
  undelivered: 'failed',
  canceled: 'failed',
};

export function channelAddress(channel: ProviderChannel, phoneNumber: string): string {
  return channel === 'whatsapp' ? `${WHATSAPP}${phoneNumber}` : phoneNumber;
}

export function callbackFrom(fields: Fields): ProviderCallback {
  const { MessageSid: ref, MessageStatus: status, From: from, To: to, ErrorCode: errorCode } = fields;
  if (ref === undefined || from === undefined || to === undefined) return { kind: 'other' };
  if (status === undefined) {
    return {
      kind: 'inbound',
      ref,
      from: phoneNumberOf(from),
      to: phoneNumberOf(to),
      text: fields.Body ?? '',
      channel: channelOf(to),
      media: mediaOf(fields),
    };
  }
  const state = Object.hasOwn(STATES, status) ? STATES[status] : undefined;
  if (state === undefined) return { kind: 'other' };
  const error =
    state === 'failed'
      ? failureOf(/^\d+$/.test(errorCode ?? '') ? Number(errorCode) : undefined, undefined)
      : null;
  return { kind: 'status', ref, from: phoneNumberOf(from), channel: channelOf(from), state, error };
}

function mediaOf(fields: Fields): { url: string; contentType: string | null }[] {
  const media: { url: string; contentType: string | null }[] = [];
  for (let index = 0; index < Math.min(Number(fields.NumMedia) || 0, MEDIA_MAX); index += 1) {
    const url = fields[`MediaUrl${index}`];
    if (url === undefined || !URL.canParse(url)) continue;
    media.push({ url, contentType: fields[`MediaContentType${index}`] ?? null });
  }
  return media;
}

function channelOf(address: string): ProviderChannel {
  return address.startsWith(WHATSAPP) ? 'whatsapp' : 'sms';
}

function phoneNumberOf(address: string): string {
  return address.startsWith(WHATSAPP) ? address.slice(WHATSAPP.length) : address;
}
