/** Defines the message, its attributes and its timeline. */
import type { Media } from './media.ts';
import type { MessageAction } from './message-action.ts';
import type { WaitReason } from './pace.ts';
import type { Reaction } from './reaction.ts';

export const MESSAGE_STATUSES = ['queued', 'polling', 'sent', 'delivered', 'failed', 'received'] as const;
export type MessageStatus = (typeof MESSAGE_STATUSES)[number];
export type Direction = 'inbound' | 'outbound';
/** A provider sends WhatsApp. A device sends the other services, or the provider if the number was bought from it. */
export type RequestedService = 'auto' | 'imessage' | 'sms' | 'whatsapp';

/** -1: dispatched before all other messages of the number; 0: in the order of acceptance. */
export type Priority = -1 | 0;

/** Counted in code points, so an emoji is one character. */
export const CONTENT_MAX_CHARACTERS = 5_000;

/** The approved template of a WhatsApp message, with its variables. */
export interface MessageTemplate {
  id: string;
  contentSid: string;
  variables: Readonly<Record<string, string>>;
}

export const SUBJECT_MAX_CHARACTERS = 1_000;
export const MEDIA_MAX = 10;

/** The message that a reply refers to. */
export interface ReplyTarget {
  /** Null while the message is not stored. */
  messageId: string | null;
  /** Guid of the message at the devices; null: it was not sent yet. */
  guid: string | null;
  /** Text or file of the message, counted from 0. */
  part: number;
}

export interface Message {
  id: string;
  tenantId: number;
  numberId: string;
  direction: Direction;
  status: MessageStatus;
  /** Number of the account, E.164. */
  ownNumber: string;
  /**
   * Handle of the other party: E.164, a short code or an e-mail address. In a group: the sender of an inbound message, the
   * key of the group of an outbound one.
   */
  handle: string;
  content: string;
  media: readonly Media[];
  /** Key of the group chat; null: not a group message. */
  chat: string | null;
  replyTo: ReplyTarget | null;
  /** A name of shared/effects.ts, or the name that a device reported. */
  effect: string | null;
  subject: string | null;
  isVoiceNote: boolean;
  /** Null: a message. An action is never in the inbox. */
  action: MessageAction | null;
  /** Bits of the capabilities that a device needs to send it. */
  needs: number;
  /** The reactions that are set now, oldest first. */
  reactions: readonly Reaction[];
  /** Received from a blocked sender, so it is not in the inbox. */
  isBlocked: boolean;
  requestedService: RequestedService;
  /** The service that sent it: `imessage`, `sms`, `rcs`; null until a device reports it. */
  service: string | null;
  errorCode: string | null;
  errorMessage: string | null;
  errorRetryable: boolean;
  priority: Priority;
  /** Requested send time (epoch ms); null: immediately. */
  sendAt: number | null;
  /** Not dispatched before `deferredUntil` (epoch ms). The time and the reason stay set when the deferral ends. */
  isDeferred: boolean;
  deferredUntil: number | null;
  deferReason: WaitReason | null;
  expiresAt: number;
  /** The send request included the expiry time. */
  hasRequestedExpiry: boolean;
  /** Id of the webhook that receives the events of this message only. */
  callbackId: string | null;
  attempt: number;
  deviceId: string | null;
  leaseId: string | null;
  leaseUntil: number | null;
  /** The device has a journal, so a repeated dispatch to it does not send the message twice. */
  leaseJournaled: boolean;
  cancelRequestedAt: number | null;
  /** Id assigned by Messages, or by the provider. */
  guid: string | null;
  createdAt: number;
  sentAt: number | null;
  deliveredAt: number | null;
  readAt: number | null;
  failedAt: number | null;
  /** Received so long after it was sent that an automatic reply would be inappropriate. */
  isLate: boolean;
  /** Epoch ms of the last edit, and of the retraction by the sender. */
  editedAt: number | null;
  retractedAt: number | null;
  /** Custom data of the sender; returned unchanged and not interpreted. */
  metadata: Readonly<Record<string, unknown>> | null;
  template: MessageTemplate | null;
  /** Price of the provider, in cents; 0 if a device sends it. */
  costCents: number;
  /** Amount counted against the spend limit unless the message fails, in cents. */
  committedCents: number;
  /** Inbound and not yet marked as read by the account. */
  isUnread: boolean;
  /** Not in the inbox since this time (epoch ms). A query by id still returns the message. */
  deletedAt: number | null;
}

/** Returns the handle of the other party; null for an outbound group message, whose recipient is the group. */
export function otherPartyOf({ handle, chat }: Pick<Message, 'handle' | 'chat'>): string | null {
  return handle === chat ? null : handle;
}

const NO_REACTIONS: readonly Reaction[] = [];

/** The attributes of a new message. */
export const NEW_MESSAGE_DEFAULTS = {
  replyTo: null,
  effect: null,
  subject: null,
  isVoiceNote: false,
  action: null,
  needs: 0,
  reactions: NO_REACTIONS,
  isBlocked: false,
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
  | 'action'
  | 'cancel_requested';

export interface TimelineEntry {
  at: number;
  kind: TimelineKind;
  status: MessageStatus;
  detail: Record<string, string | number | boolean> | null;
}
