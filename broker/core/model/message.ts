/**
 * The message and its status machine. `advance` is the one place where a status changes; it is pure, and it
 * answers undefined for every step that would go backwards or change nothing.
 *
 *            hand_out                    sent
 *   queued ───────────▶ polling ──────────────────▶ sent ──▶ delivered (final)
 *     ▲  ◀─────────────  │  │                        │          ▲
 *     │   release, only  │  └── failed, lapse ──▶ failed ───────┘ only from `unconfirmed`, which says
 *     └── while the device surely never began       (final)         that we do not know, not that it failed
 *
 * Reports come late, twice and in any order: the outcome does not depend on it.
 */
import { FAILURES, isFailureCode } from '../../../shared/failures.ts';
import type { ReportState } from '../../../shared/protocol.ts';
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
  hasOwnExpiry: boolean;
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
  hasOwnExpiry: false,
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

export interface Report {
  deviceId: string;
  state: ReportState;
  /** What the device's own clock said; kept for the timeline, never used to order or expire anything. */
  deviceTime?: string | undefined;
  service?: string | undefined;
  guid?: string | undefined;
  error?: { code: string; message: string; retryable?: boolean | undefined } | undefined;
  /** The end of the lease after `sending`, epoch ms. */
  leaseUntil: number;
}

export type Trigger =
  | { kind: 'dispatch'; deviceId: string; leaseId: string; leaseUntil: number; journaled: boolean }
  | { kind: 'requeue' }
  | { kind: 'report'; report: Report }
  | { kind: 'expire_lease' }
  | { kind: 'expire' }
  | { kind: 'cancel' };

export interface Transition {
  message: Message;
  /** The status before. */
  from: MessageStatus;
  entry: TimelineEntry;
}

export function transition(message: Message, step: Trigger, now: number): Transition | undefined {
  if (message.direction === 'inbound') return undefined;
  switch (step.kind) {
    case 'dispatch': {
      const isRepeat =
        message.status === 'polling' && message.leaseJournaled && message.deviceId === step.deviceId;
      if (message.status !== 'queued' && !isRepeat) return undefined;
      const attempt = message.attempt + 1;
      return changed(
        message,
        {
          status: 'polling',
          attempt,
          deviceId: step.deviceId,
          leaseId: step.leaseId,
          leaseUntil: step.leaseUntil,
          leaseJournaled: step.journaled,
        },
        { at: now, kind: 'handed_out', detail: { device: step.deviceId, attempt } },
      );
    }
    case 'requeue':
      if (message.status !== 'polling') return undefined;
      return changed(
        message,
        { status: 'queued', deviceId: null, leaseId: null, leaseUntil: null, leaseJournaled: false },
        { at: now, kind: 'released', detail: null },
      );
    case 'report':
      return advanceByReport(message, step.report, now);
    case 'expire_lease':
      return message.status === 'polling' ? failed(message, 'unconfirmed', now) : undefined;
    case 'expire':
      if (message.status === 'queued') return failed(message, 'expired', now);
      return message.status === 'polling' ? failed(message, 'unconfirmed', now) : undefined;
    case 'cancel':
      if (message.status === 'queued') return failed(message, 'cancelled', now);
      if (message.status !== 'polling' || message.cancelRequestedAt !== null) return undefined;
      return changed(
        message,
        { cancelRequestedAt: now },
        { at: now, kind: 'cancel_requested', detail: null },
      );
  }
}

function advanceByReport(message: Message, report: Report, now: number): Transition | undefined {
  // Nobody was ever given this message, so nobody can know anything of it.
  if (message.attempt === 0) return undefined;
  const isOpen =
    message.status === 'queued' ||
    message.status === 'polling' ||
    (message.status === 'failed' && message.errorCode === 'unconfirmed');
  const seen = {
    service: report.service?.toLowerCase() ?? message.service,
    guid: report.guid ?? message.guid,
  };
  const detail = compact({
    device: report.deviceId,
    device_time: report.deviceTime,
    service: report.service,
  });
  const noError = { errorCode: null, errorMessage: null, errorRetryable: false, failedAt: null };
  const settled = { leaseUntil: null, deviceId: report.deviceId };

  switch (report.state) {
    case 'sending':
      if (message.status !== 'polling' || message.deviceId !== report.deviceId) return undefined;
      return changed(message, { leaseUntil: report.leaseUntil }, { at: now, kind: 'sending', detail });
    case 'sent':
      if (!isOpen) return undefined;
      return changed(
        message,
        { ...seen, ...noError, ...settled, status: 'sent', sentAt: now },
        { at: now, kind: 'sent', detail },
      );
    case 'delivered':
      if (!isOpen && message.status !== 'sent') return undefined;
      return changed(
        message,
        {
          ...seen,
          ...noError,
          ...settled,
          status: 'delivered',
          sentAt: message.sentAt ?? now,
          deliveredAt: now,
        },
        { at: now, kind: 'delivered', detail },
      );
    case 'read':
      if (
        message.readAt !== null ||
        (!isOpen && message.status !== 'sent' && message.status !== 'delivered')
      ) {
        return undefined;
      }
      return changed(
        message,
        {
          ...seen,
          ...noError,
          ...settled,
          status: 'delivered',
          sentAt: message.sentAt ?? now,
          deliveredAt: message.deliveredAt ?? now,
          readAt: now,
        },
        { at: now, kind: 'read', detail },
      );
    case 'failed': {
      // Messages may say yes and take it back seconds later, so `sent` can still fail; a device that no
      // longer holds the message can't fail it for the one that does.
      const holds = message.status === 'polling' && message.deviceId === report.deviceId;
      if (!holds && message.status !== 'sent') return undefined;
      const { code, text, retryable } = readError(report.error);
      return failed({ ...message, ...seen }, code, now, { ...detail, code }, text, retryable);
    }
  }
}

function readError(error: Report['error']) {
  const code = error?.code.trim() || 'device_error';
  const known = isFailureCode(code) ? FAILURES[code] : FAILURES.device_error;
  return {
    code,
    text: error?.message.trim() || known.message,
    retryable: error?.retryable ?? known.retryable,
  };
}

function failed(
  message: Message,
  code: string,
  now: number,
  detail: TimelineEntry['detail'] = { code },
  text?: string,
  retryable?: boolean,
): Transition {
  const known = isFailureCode(code) ? FAILURES[code] : FAILURES.device_error;
  return changed(
    message,
    {
      status: 'failed',
      errorCode: code,
      errorMessage: text ?? known.message,
      errorRetryable: retryable ?? known.retryable,
      failedAt: now,
      leaseUntil: null,
    },
    { at: now, kind: 'failed', detail },
  );
}

function changed(
  message: Message,
  change: Partial<Message>,
  entry: Omit<TimelineEntry, 'status'>,
): Transition {
  const next = { ...message, ...change };
  return { message: next, from: message.status, entry: { ...entry, status: next.status } };
}

function compact(fields: Record<string, string | undefined>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept;
}
