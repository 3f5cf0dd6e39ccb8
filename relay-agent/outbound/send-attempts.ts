/**
 * Sends the parts of a message one after the other, and carries out actions; each part waits until chat.db shows the part
 * before it as sent. A part goes through these steps, each on disk before the next one starts:
 *
 *   taken ──send()──▶ sending ──accepted or unknown──▶ handed
 *     │                  └──rejected──▶ the item fails
 *     └──attachments or target unavailable──▶ the item fails
 *
 * A part in `sending` or `handed` may have been sent; from then on chat.db decides (delivery-tracking.ts). A part
 * stays in `sending` only if the agent stopped during the send.
 */
import { randomUUID } from 'node:crypto';
import pLimit from 'p-limit';
import { type ActItem, type DeliverItem, isAction } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import type { Journal } from '../journal/journal.ts';
import type { Senders } from '../senders/ranked-senders.ts';
import type { Content, SendOutcome } from '../senders/sender.ts';
import { TransferError } from '../transport/media-transfer.ts';
import type { Staging } from './attachment-staging.ts';
import { changesOf } from './changes.ts';
import { type InFlightItem, type ItemPart, idOf, isFinished } from './in-flight-item.ts';
import type { Failure, ItemReports } from './item-reports.ts';
import { fileIndexOf } from './row-matcher.ts';
import { recipientOf, sendingOf } from './sendings.ts';

export interface SendAttemptsOptions {
  journal: Journal;
  chat: ChatDatabase;
  senders: Pick<Senders, 'send' | 'change' | 'statusOf'>;
  staging: Staging;
  reports: ItemReports;
  now: () => number;
  monotonicNow: () => number;
  onProblem(problem: string, id: string): void;
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
  start(inFlight: InFlightItem): void {
    this.#sendParts(inFlight).catch((error: unknown) => {
      const { message: problem } = error as Error;
      this.#options.onProblem(problem, idOf(inFlight));
      this.#failUnexpectedly(inFlight, problem);
    });
  }

  async #sendParts(inFlight: InFlightItem): Promise<void> {
    const { item } = inFlight;
    for (const part of inFlight.parts) {
      while (!part.isSent && !this.#hasEnded(inFlight)) {
        const { promise: woken, resolve } = Promise.withResolvers<void>();
        inFlight.wake = resolve;
        if (part.step === 'taken') {
          await this.#limit(() =>
            isAction(item) ? this.#change(inFlight, item, part) : this.#send(inFlight, item, part),
          );
        }
        if (!part.isSent && !this.#hasEnded(inFlight)) await woken;
      }
      if (this.#hasEnded(inFlight)) return;
    }
  }

  async #send(inFlight: InFlightItem, item: DeliverItem, part: ItemPart): Promise<void> {
    const { senders, reports } = this.#options;
    const content = await this.#contentOf(inFlight, item, part);
    if (content === undefined || this.#hasEnded(inFlight)) return;
    part.chat ??= inFlight.parts.find(({ chat }) => chat !== undefined)?.chat;
    const to = recipientOf(this.#options, item, part);
    const attemptId = randomUUID();
    const sending = sendingOf(this.#options, item, inFlight.parts, { part, to, content, attemptId });
    if ('problem' in sending) {
      reports.failed(inFlight, { code: 'device_error', problem: sending.problem });
      return;
    }
    this.#begin(inFlight, part, { attemptId, chat: to.kind === 'group' ? to.chat : undefined });
    reports.sending(inFlight);
    const outcome = await senders.send(sending);
    // The row may have appeared before the sender returned.
    if (!this.#isAwaited(inFlight, part, outcome)) return;
    if (outcome.kind === 'rejected') {
      // A Mac without SMS forwarding rejects the fallback; the reason for the fallback is the better report.
      const isFallback = part.service === 'sms' && item.service !== 'sms';
      if (isFallback) reports.failed(inFlight, { code: 'recipient_unreachable', problem: '' });
      else reports.failed(inFlight, failureFrom(outcome));
      return;
    }
    this.#handed(inFlight, part);
    if (outcome.kind === 'accepted') this.#noteGuids(inFlight, part, outcome);
    else await this.#checkStatus(inFlight, part, attemptId);
  }

  async #change(inFlight: InFlightItem, item: ActItem, part: ItemPart): Promise<void> {
    const { senders, reports } = this.#options;
    const changes = changesOf(this.#options, item);
    if ('problem' in changes) {
      reports.failed(inFlight, { code: 'device_error', problem: changes.problem });
      return;
    }
    const [first] = changes;
    this.#begin(inFlight, part, { attemptId: randomUUID(), chat: first?.chat });
    for (const [index, change] of changes.entries()) {
      const outcome = await senders.change(change);
      if (!this.#isAwaited(inFlight, part, outcome)) return;
      if (outcome.kind === 'rejected' && index === 0) {
        reports.failed(inFlight, failureFrom(outcome));
        return;
      }
      if (outcome.kind !== 'accepted') break;
      // Messages removes the chat of a group that was left, so no row confirms it.
      if (change.kind === 'leave_group') reports.carriedOut(inFlight, { chat: change.chat });
    }
    this.#handed(inFlight, part);
  }

  #begin(
    inFlight: InFlightItem,
    part: ItemPart,
    attempt: { attemptId: string; chat: string | undefined },
  ): void {
    const { journal, chat, now, monotonicNow } = this.#options;
    const begun = { ...attempt, baseline: chat.lastRowId(), begunAt: now() };
    Object.assign(part, begun, { step: 'sending', waitingSince: monotonicNow(), ghost: undefined });
    part.attempts += 1;
    journal.beginPart(idOf(inFlight), part.index, begun);
  }

  /** Returns false if nothing remains to be done with the outcome. */
  #isAwaited(inFlight: InFlightItem, part: ItemPart, outcome: SendOutcome): boolean {
    if (this.#isStopped) return false;
    if (outcome.kind !== 'accepted') this.#options.onProblem(outcome.problem, idOf(inFlight));
    return !isFinished(inFlight) && part.guid === undefined;
  }

  #handed(inFlight: InFlightItem, part: ItemPart): void {
    if (isFinished(inFlight) || part.step !== 'sending') return;
    part.step = 'handed';
    this.#options.journal.markHanded(idOf(inFlight), part.index);
  }

  /** Records the guids that the sender returned: they identify the row better than its content. */
  #noteGuids(inFlight: InFlightItem, part: ItemPart, { guid, chat }: { guid?: string; chat?: string }): void {
    const { attemptId } = part;
    if ((guid === undefined && chat === undefined) || attemptId === undefined) return;
    part.attemptId = guid ?? attemptId;
    if (inFlight.item.to === undefined) part.chat = chat ?? part.chat;
    this.#options.journal.setAttempt(idOf(inFlight), part.index, {
      attemptId: part.attemptId,
      chat: part.chat,
    });
  }

  /** A sender that tracks sends knows that a send without a response has failed. */
  async #checkStatus(inFlight: InFlightItem, part: ItemPart, attemptId: string): Promise<void> {
    const status = await this.#options.senders.statusOf(attemptId);
    if (status !== 'failed' || this.#hasEnded(inFlight) || part.guid !== undefined) return;
    this.#options.reports.failed(inFlight, {
      code: 'device_error',
      problem: 'Messages did not send the text.',
    });
  }

  /** Returns undefined after it reported that the attachments are unavailable. */
  async #contentOf(inFlight: InFlightItem, item: DeliverItem, part: ItemPart): Promise<Content | undefined> {
    if (part.kind === 'text') return { kind: 'text', text: item.text };
    const { staging, reports, onProblem } = this.#options;
    try {
      if (inFlight.files.length === 0) inFlight.files = await staging.stage(item.media);
    } catch (error) {
      if (!(error instanceof TransferError) && !('code' in (error as Error))) throw error;
      const { message: problem } = error as Error;
      onProblem(problem, item.message);
      const isRetryable = error instanceof TransferError && error.isTemporary;
      if (!isFinished(inFlight))
        reports.failed(inFlight, { code: 'media_unavailable', problem, isRetryable });
      return undefined;
    }
    const index = fileIndexOf(inFlight, part);
    const path = inFlight.files[index];
    if (path === undefined) throw new Error(`Attachment ${index} was not downloaded.`);
    return { kind: 'file', path };
  }

  /** A part whose step is past `taken` may have been sent. */
  #failUnexpectedly(inFlight: InFlightItem, problem: string): void {
    if (this.#hasEnded(inFlight)) return;
    const mayBeSent = inFlight.parts.some(({ step, isSent }) => step !== 'taken' && !isSent);
    this.#options.reports.failed(inFlight, { code: mayBeSent ? 'unconfirmed' : 'device_error', problem });
  }

  #hasEnded(inFlight: InFlightItem): boolean {
    return this.#isStopped || isFinished(inFlight);
  }
}

function failureFrom({ code, problem }: Extract<SendOutcome, { kind: 'rejected' }>): Failure {
  return { code: code === 'unsupported' ? 'not_supported_by_device' : code, problem };
}
