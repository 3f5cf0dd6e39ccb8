/**
 * Sends the parts of a message one after the other; each part waits until chat.db shows the part before it as
 * sent. A part goes through these steps, each on disk before the next one starts:
 *
 *   taken ──send()──▶ sending ──accepted or unknown──▶ handed
 *     │                  └──rejected──▶ the message fails
 *     └──attachments unavailable──▶ the message fails
 *
 * A part in `sending` or `handed` may have been sent; from then on chat.db decides (delivery-tracking.ts). A part
 * stays in `sending` only if the agent stopped during the send.
 */
import pLimit from 'p-limit';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { Journal } from '../journal/journal.ts';
import type { Content, Sender } from '../senders/sender.ts';
import { TransferError } from '../transport/media-transfer.ts';
import type { Staging } from './attachment-staging.ts';
import { type InFlightMessage, isFinished, type MessagePart } from './in-flight-message.ts';
import type { MessageReports } from './message-reports.ts';

export interface SendAttemptsOptions {
  journal: Journal;
  chat: ChatDatabase;
  sender: Sender;
  staging: Staging;
  reports: MessageReports;
  now: () => number;
  monotonicNow: () => number;
  onProblem(problem: string, message: string): void;
}

/** Maximum number of sends at the same time. */
const PARALLEL_MAX = 4;

export class SendAttempts {
  readonly #options: SendAttemptsOptions;
  readonly #limit = pLimit(PARALLEL_MAX);
  #isStopped = false;

  constructor(options: SendAttemptsOptions) {
    this.#options = options;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** Sends all parts. Returns at once; failures are reported. */
  start(message: InFlightMessage): void {
    this.#sendParts(message).catch((error: unknown) => {
      const { message: problem } = error as Error;
      this.#options.onProblem(problem, message.item.message);
      this.#failUnexpectedly(message, problem);
    });
  }

  async #sendParts(message: InFlightMessage): Promise<void> {
    for (const part of message.parts) {
      while (!part.isSent && !this.#hasEnded(message)) {
        const { promise: woken, resolve } = Promise.withResolvers<void>();
        message.wake = resolve;
        if (part.step === 'taken') await this.#limit(() => this.#send(message, part));
        if (!part.isSent && !this.#hasEnded(message)) await woken;
      }
      if (this.#hasEnded(message)) return;
    }
  }

  async #send(message: InFlightMessage, part: MessagePart): Promise<void> {
    const { journal, chat, sender, reports, now, monotonicNow, onProblem } = this.#options;
    const { item } = message;
    const content = await this.#contentOf(message, part);
    if (content === undefined || this.#hasEnded(message)) return;
    part.baseline = chat.lastRowId();
    part.begunAt = now();
    part.waitingSince = monotonicNow();
    part.step = 'sending';
    journal.beginPart(item.message, part.index, part.baseline, part.begunAt);
    reports.sending(message);
    const outcome = await sender.send({ to: item.to, service: part.service, content });
    if (this.#isStopped) return;
    if (outcome.kind !== 'accepted') onProblem(outcome.problem, item.message);
    // The row may have appeared before the sender returned.
    if (isFinished(message) || part.guid !== undefined) return;
    if (outcome.kind === 'rejected') {
      // A Mac without SMS forwarding rejects the fallback; the reason for the fallback is the better report.
      const isFallback = part.service === 'sms' && item.service !== 'sms';
      if (isFallback) reports.failed(message, { code: 'recipient_unreachable', problem: '' });
      else reports.failed(message, { code: outcome.code, problem: outcome.problem });
      return;
    }
    part.step = 'handed';
    journal.markHanded(item.message, part.index);
  }

  /** Returns undefined after it reported that the attachments are unavailable. */
  async #contentOf(message: InFlightMessage, part: MessagePart): Promise<Content | undefined> {
    if (part.kind === 'text') return { kind: 'text', text: message.item.text };
    const { staging, reports, onProblem } = this.#options;
    try {
      if (message.files.length === 0) message.files = await staging.stage(message.item.media);
    } catch (error) {
      if (!(error instanceof TransferError) && !('code' in (error as Error))) throw error;
      const { message: problem } = error as Error;
      onProblem(problem, message.item.message);
      const isRetryable = error instanceof TransferError && error.isTemporary;
      if (!isFinished(message)) reports.failed(message, { code: 'media_unavailable', problem, isRetryable });
      return undefined;
    }
    const path = message.files[part.index];
    if (path === undefined) throw new Error(`Attachment ${part.index} was not downloaded.`);
    return { kind: 'file', path };
  }

  /** A part whose step is past `taken` may have been sent. */
  #failUnexpectedly(message: InFlightMessage, problem: string): void {
    if (this.#hasEnded(message)) return;
    const mayBeSent = message.parts.some(({ step, isSent }) => step !== 'taken' && !isSent);
    this.#options.reports.failed(message, { code: mayBeSent ? 'unconfirmed' : 'device_error', problem });
  }

  #hasEnded(message: InFlightMessage): boolean {
    return this.#isStopped || isFinished(message);
  }
}
