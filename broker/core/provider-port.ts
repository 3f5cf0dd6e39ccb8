/** A company that sells numbers and carries messages by its own API, as the core knows it. */
import type { MessageTemplate } from './messages.ts';

export interface ProviderMessage {
  from: string;
  to: string;
  text: string;
  /** Addresses at which the provider can fetch the attachments. */
  mediaUrls: readonly string[];
  channel: 'sms' | 'whatsapp';
  template: MessageTemplate | null;
  /** Told how the message fares. */
  statusUrl: string;
}

export interface ProviderTemplate {
  contentSid: string;
  title: string;
  language: string;
  status: 'approved' | 'pending' | 'rejected';
  contentType: string;
  body: string;
  quickReplies: readonly string[];
  category: string;
}

export type ProviderCallback =
  | {
      kind: 'inbound';
      /** The provider's id of the message. */
      ref: string;
      from: string;
      to: string;
      text: string;
      channel: 'sms' | 'whatsapp';
      media: readonly { url: string; contentType: string | null }[];
    }
  | {
      kind: 'status';
      ref: string;
      state: 'sent' | 'delivered' | 'read' | 'failed';
      error: { code: string; message: string; retryable: boolean } | null;
    }
  /** One that says nothing that we keep. */
  | { kind: 'other' };

/** @throws ProviderError from everything that asks the provider. */
export interface MessagingProvider {
  readonly name: string;
  /** A number for sale in the area, E.164; undefined: none is. */
  findNumber(areaCode: string): Promise<string | undefined>;
  /** Buys it. Gives the provider's id of it. */
  buyNumber(phoneNumber: string, label: string): Promise<string>;
  /** The provider's id of a number that is ours, however it came to be; undefined: it is not. */
  findOwned(phoneNumber: string): Promise<string | undefined>;
  /** Has what comes in for the number told to us. */
  configureNumber(ref: string, callbacks: { inboundUrl: string; statusUrl: string }): Promise<void>;
  /** Gives the provider's id of the message. */
  send(message: ProviderMessage): Promise<string>;
  /** The templates for WhatsApp that it has for us. */
  listTemplates(): Promise<ProviderTemplate[]>;
  /** Reads a callback, or gives undefined where its signature is not the provider's. */
  readCallback(request: {
    url: string;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    fields: Readonly<Record<string, string>>;
  }): ProviderCallback | undefined;
}

export class ProviderError extends Error {
  /** One of the codes that devices report. */
  readonly code: string;
  /** The same may work later. */
  readonly isTemporary: boolean;
  /** Nothing was done: the request surely never reached the provider, or it said no. */
  readonly isRefusal: boolean;

  constructor(
    message: string,
    detail: { code?: string; isTemporary: boolean; isRefusal: boolean; cause?: unknown },
  ) {
    super(message, { cause: detail.cause });
    this.name = 'ProviderError';
    this.code = detail.code ?? 'device_error';
    this.isTemporary = detail.isTemporary;
    this.isRefusal = detail.isRefusal;
  }
}
