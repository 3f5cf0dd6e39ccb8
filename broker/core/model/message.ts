/** Defines the message, its attributes and its timeline. */
import type { Media } from './media.ts';
import type { WaitReason } from './pace.ts';

export const MESSAGE_STATUSES = ['queued', 'polling', 'sent', 'delivered', 'failed', 'received'] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];
export type Direction = 'inbound' | 'outbound';
/** WhatsApp goes out by a provider, the others by a device, or by the provider that sold the number. */
export type RequestedService = 'auto' | 'imessage' | 'sms' | 'whatsapp';

/** Less goes first: -1 before everything else of its number, 0 as it comes. */
export type Priority = -1 | 0;

/** Content is counted in code points, so that an emoji is one character. */
export const CONTENT_MAX_CHARACTERS = 5_000;

/** The approved template that a WhatsApp message is made of. */
export interface MessageTemplate {
  id: string;
  contentSid: string;
  variables: Readonly<Record<string, string>>;
}

export interface Message {
  id: string;
  tenantId: number;
  numberId: string;
  direction: Direction;
  status: MessageStatus;
  /** Our number, E.164. */
  ownNumber: string;
  /** The correspondent: E.164, a short code or an e-mail address. */
  handle: string;
  content: string;
  media: readonly Media[];
  /** The guid of the group's chat; null for a message between two. */
  chat: string | null;
  requestedService: RequestedService;
  /** What carried it in the end: `imessage`, `sms`, `rcs`; null until a device said so. */
  service: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  errorRetryable: boolean;
  priority: Priority;
  /** When its sender wants it sent (epoch ms); null: at once. */
  sendAt: number | null;
  /** Held back until `deferredUntil` (epoch ms), for `deferReason`; both stay when that is over. */
  isDeferred: boolean;
  deferredUntil: number | null;
  deferReason: WaitReason | null;
  expiresAt: number;
  /** Its sender said when it expires. */
  hasRequestedExpiry: boolean;
  /** The webhook that is told of this message alone. */
  callbackId: string | null;
  attempt: number;
  deviceId: string | null;
  leaseId: string | null;
  leaseUntil: number | null;
  /** The holder keeps a journal, so the message may be given to it again without being sent twice. */
  leaseJournaled: boolean;
  cancelRequestedAt: number | null;
  /** The id that Messages gave it. */
  guid: string | null;
  createdAt: number;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
  /** It came so long after it was sent that nobody should answer it unasked. */
  isLate: boolean;
  /** The sender changed its words, or took it back; epoch ms. */
  editedAt: number | null;
  retractedAt: number | null;
  /** What its sender keeps with it; echoed back and never looked at. */
  metadata: Readonly<Record<string, unknown>> | null;
  template: MessageTemplate | null;
  /** What the provider takes for it, in cents; 0 by a device. */
  costCents: number;
  /** What it counts for against the spend limit unless it fails. */
  committedCents: number;
  /** Nobody has read it yet on our side. */
  isUnread: boolean;
  /** Taken out of the inbox (epoch ms); by its id it can still be asked for. */
  deletedAt: number | null;
}

/** What a message is before anything has happened to it. */
export const NEW_MESSAGE_DEFAULTS = {
  service: null,
  errorCode: null,
  errorMessage: null,
  errorRetryable: false,
  priority: 0,
  sendAt: null,
  isDeferred: false,
  deferredUntil: null,
  deferReason: null,
  hasRequestedExpiry: false,
  callbackId: null,
  attempt: 0,
  deviceId: null,
  leaseId: null,
  leaseUntil: null,
  leaseJournaled: false,
  cancelRequestedAt: null,
  guid: null,
  sentAt: null,
  deliveredAt: null,
  readAt: null,
  failedAt: null,
  isLate: false,
  editedAt: null,
  retractedAt: null,
  metadata: null,
  template: null,
  costCents: 0,
  committedCents: 0,
  isUnread: false,
  deletedAt: null,
} as const satisfies Partial<Message>;

export type TimelineKind =
  | 'accepted'
  | 'handed_out'
  | 'released'
  | 'sending'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'received'
  | 'imported'
  | 'edited'
  | 'retracted'
  | 'reaction'
  | 'cancel_requested';

export interface TimelineEntry {
  at: number;
  kind: TimelineKind;
  status: MessageStatus;
  detail: Record<string, string | number | boolean> | null;
}
