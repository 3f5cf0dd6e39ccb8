/** Defines the adapter of a messaging provider, which sells numbers and sends messages. */
import type { FailureCode } from '../../../shared/failures.ts';
import type { MessageTemplate } from '../model/message.ts';

export type ProviderChannel = 'sms' | 'whatsapp';

export interface ProviderMessage {
  from: string;
  to: string;
  text: string;
  /** URLs from which the provider can fetch the attachments. */
  mediaUrls: readonly string[];
  channel: ProviderChannel;
  template: MessageTemplate | null;
  /** Receives the statuses of the message. Contains its id, so a status that arrives before `send` returns counts. */
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
  /** Number of the account, E.164. */
  to: string;
  text: string;
  channel: ProviderChannel;
  media: readonly { url: string; contentType: string | null }[];
}

export interface ProviderStatus {
  kind: 'status';
  /** The provider's id of the message. */
  ref: string;
  /** Number of the account, E.164. */
  from: string;
  channel: ProviderChannel;
  state: 'sent' | 'delivered' | 'read' | 'failed';
  error: { code: FailureCode; message: string; retryable: boolean } | null;
}

/** `other`: a callback without relevant content. */
export type ProviderCallback = ProviderText | ProviderStatus | { kind: 'other' };

/** Every method that sends a request to the provider throws ProviderError. */
export interface MessagingProvider {
  readonly name: string;
  /** Returns a number for sale in the area (E.164) that `isFree` accepts; undefined if there is none. */
  findNumber(
    areaCode: string,
    isFree: (phoneNumber: string) => Promise<boolean>,
  ): Promise<string | undefined>;
  /** Returns the provider's id of the bought number. */
  buyNumber(phoneNumber: string, label: string): Promise<string>;
  /** Returns the provider's id of a number that we own; undefined if we do not own it. */
  findOwned(phoneNumber: string): Promise<string | undefined>;
  /** Sets the callback URLs of the number. */
  configureNumber(ref: string, callbacks: { inboundUrl: string; statusUrl: string }): Promise<void>;
  /** Returns the provider's id of the message. */
  send(message: ProviderMessage): Promise<string>;
  listTemplates(): Promise<ProviderTemplate[]>;
  /** Returns the request headers for fetching an inbound attachment; undefined if the URL is not the provider's. */
  mediaHeaders(url: string): Readonly<Record<string, string>> | undefined;
  /** Parses a callback. Returns undefined if its signature is invalid. */
  readCallback(request: {
    url: string;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    fields: Readonly<Record<string, string>>;
  }): ProviderCallback | undefined;
}

export class ProviderError extends Error {
  readonly code: FailureCode;
  /** The request may succeed later. */
  readonly isTemporary: boolean;
  /** The request had no effect: it did not reach the provider, or the provider rejected it. */
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
