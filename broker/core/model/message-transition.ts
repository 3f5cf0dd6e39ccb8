/**
 * Changes the status of a message. `transition` is pure and is the only place where a status changes. It returns
 * undefined for every trigger that would step backwards or change nothing, so late, repeated and reordered reports have
 * the same outcome.
 *
 *            dispatch                    sent
 *   queued ───────────▶ polling ──────────────────▶ sent ──▶ delivered (final)
 *     ▲  ◀─────────────  │  │                        │          ▲
 *     │   requeue, only  │  └── failed,         ──▶ failed ─────┘ only from `unconfirmed`, which means
 *     └── while the device      expire_lease        (final)       that the outcome is unknown
 *         certainly did not begin
 */
import { FAILURES, isFailureCode } from '../../../shared/failures.ts';
import type { ReportState } from '../../../shared/protocol.ts';
import type { Message, MessageStatus, TimelineEntry } from './message.ts';

export interface Report {
  deviceId: string;
  state: ReportState;
  /** Time of the device's clock. Stored in the timeline; never used for order or expiry. */
  deviceTime?: string | undefined;
  service?: string | undefined;
  guid?: string | undefined;
  error?: { code: string; message: string; retryable?: boolean | undefined } | undefined;
  /** End of the lease after `sending`, epoch ms. */
  leaseUntil: number;
}

export type Trigger =
  | { kind: 'dispatch'; deviceId: string; leaseId: string; leaseUntil: number; journaled: boolean }
  | { kind: 'requeue' }
  | { kind: 'report'; report: Report }
  | { kind: 'expire_lease' }
  /** `explanation`: the reason of the delay, one sentence. */
  | { kind: 'expire'; explanation?: string | undefined }
  | { kind: 'cancel' };

export interface Transition {
  message: Message;
  /** The status before. */
  from: MessageStatus;
  entry: TimelineEntry;
}

export function transition(message: Message, trigger: Trigger, now: number): Transition | undefined {
  if (message.direction === 'inbound') return undefined;
  switch (trigger.kind) {
    case 'dispatch': {
      const isRepeat =
        message.status === 'polling' && message.leaseJournaled && message.deviceId === trigger.deviceId;
      if (message.status !== 'queued' && !isRepeat) return undefined;
      const attempt = message.attempt + 1;
      return changed(
        message,
        {
          status: 'polling',
          attempt,
          deviceId: trigger.deviceId,
          leaseId: trigger.leaseId,
          leaseUntil: trigger.leaseUntil,
          leaseJournaled: trigger.journaled,
        },
        { at: now, kind: 'handed_out', detail: { device: trigger.deviceId, attempt } },
      );
    }
    case 'requeue':
      if (message.status !== 'polling') return undefined;
      if (message.cancelRequestedAt !== null) return failed(message, 'cancelled', now);
      return changed(
        message,
        { status: 'queued', deviceId: null, leaseId: null, leaseUntil: null, leaseJournaled: false },
        { at: now, kind: 'released', detail: null },
      );
    case 'report':
      return applyReport(message, trigger.report, now);
    case 'expire_lease':
      return message.status === 'polling' ? failed(message, 'unconfirmed', now) : undefined;
    case 'expire':
      if (message.status === 'queued') return expired(message, now, trigger.explanation);
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

function expired(message: Message, now: number, explanation: string | undefined): Transition {
  const text = explanation && `The message expired before it could be sent. ${explanation}`;
  return failed(message, 'expired', now, { code: 'expired' }, text);
}

function applyReport(message: Message, report: Report, now: number): Transition | undefined {
  // The message was never dispatched, so no device can report on it.
  if (message.attempt === 0) return undefined;
  const isOpen =
    message.status === 'queued' ||
    message.status === 'polling' ||
    (message.status === 'failed' && message.errorCode === 'unconfirmed');
  const reported = {
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
        { ...reported, ...noError, ...settled, status: 'sent', sentAt: now },
        { at: now, kind: 'sent', detail },
      );
    case 'delivered':
      if (!isOpen && message.status !== 'sent') return undefined;
      return changed(
        message,
        {
          ...reported,
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
          ...reported,
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
      // Messages may report an error seconds after it reported success, so `sent` can still fail. A device that no
      // longer has the lease cannot fail the message for the device that has it.
      const hasLease = message.status === 'polling' && message.deviceId === report.deviceId;
      if (!hasLease && message.status !== 'sent') return undefined;
      const { code, text, retryable } = readError(report.error);
      return failed({ ...message, ...reported }, code, now, { ...detail, code }, text, retryable);
    }
  }
}

function readError(error: Report['error']) {
  const code = error?.code.trim() || 'device_error';
  const failure = isFailureCode(code) ? FAILURES[code] : FAILURES.device_error;
  return {
    code,
    text: error?.message.trim() || failure.message,
    retryable: error?.retryable ?? failure.retryable,
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
  const failure = isFailureCode(code) ? FAILURES[code] : FAILURES.device_error;
  return changed(
    message,
    {
      status: 'failed',
      errorCode: code,
      errorMessage: text ?? failure.message,
      errorRetryable: retryable ?? failure.retryable,
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
  const present: Record<string, string> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) present[name] = value;
  return present;
}
