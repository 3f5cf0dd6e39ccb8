/** A company that sells numbers and carries messages by its own API, as the core knows it. */
import type { FailureCode } from '../../../shared/failures.ts';
import type { MessageTemplate } from '../model/message.ts';

export type ProviderChannel = 'sms' | 'whatsapp';

export interface ProviderMessage {
  from: string;
  to: string;
  text: string;
  /** Addresses at which the provider can fetch the attachments. */
  mediaUrls: readonly string[];
  channel: ProviderChannel;
  template: MessageTemplate | null;
  /** Told how the message fares; it names the message, so that what is told before `send` has answered counts too. */
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

export interface ProviderText {
  kind: 'inbound';
  /** The provider's id of the message. */
  ref: string;
  from: string;
  /** Our number, E.164. */
  to: string;
  text: string;
  channel: ProviderChannel;
  media: readonly { url: string; contentType: string | null }[];
}

export interface ProviderStatus {
  kind: 'status';
  /** The provider's id of the message. */
  ref: string;
  /** Our number, E.164. */
  from: string;
  channel: ProviderChannel;
  state: 'sent' | 'delivered' | 'read' | 'failed';
  error: { code: FailureCode; message: string; retryable: boolean } | null;
}

/** `other` says nothing that we keep. */
export type ProviderCallback = ProviderText | ProviderStatus | { kind: 'other' };

/** @throws ProviderError from everything that asks the provider. */
export interface MessagingProvider {
  readonly name: string;
  /** A number for sale in the area, E.164, that `isFree` agrees to; undefined: there is none. */
  findNumber(
    areaCode: string,
    isFree: (phoneNumber: string) => Promise<boolean>,
  ): Promise<string | undefined>;
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
  /** What must be sent along to fetch an attachment that came in; undefined: it is not the provider's to give. */
  mediaHeaders(url: string): Readonly<Record<string, string>> | undefined;
  /** Reads a callback, or gives undefined where its signature is not the provider's. */
  readCallback(request: {
    url: string;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    fields: Readonly<Record<string, string>>;
  }): ProviderCallback | undefined;
}

export class ProviderError extends Error {
  readonly code: FailureCode;
  /** The same may work later. */
  readonly isTemporary: boolean;
  /** Nothing was done: the request surely never reached the provider, or it said no. */
  readonly isRejection: boolean;

  constructor(
    message: string,
    detail: { code?: FailureCode; isTemporary: boolean; isRejection: boolean; cause?: unknown },
  ) {
    super(message, { cause: detail.cause });
    this.name = 'ProviderError';
    this.code = detail.code ?? 'device_error';
    this.isTemporary = detail.isTemporary;
    this.isRejection = detail.isRejection;
  }
}
