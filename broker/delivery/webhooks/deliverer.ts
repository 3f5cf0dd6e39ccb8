/**
 * Delivers events to webhooks: at least once, what happens with one message in order, each webhook with a few requests
 * of its own, so that one which hangs holds up nobody else. What is to be delivered stands in the database before
 * anything is sent, so a broker that was killed goes on where it was.
 */

import type { DueDelivery, HomingEvent, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Store } from '../../core/ports/store.ts';
import { EgressBlockedError } from '../../egress/guarded-agent.ts';
import type { GuardedPost, Posted } from '../../egress/guarded-post.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { FAILURES_IN_A_ROW, type Outcome, outcomeOf, type WebhookResponse } from './retry-policy.ts';

export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

export interface DelivererOptions {
  store: Store;
  post: GuardedPost;
  /** The request in the words of the API that the webhook was made by. */
  requestFor(event: HomingEvent, webhook: Webhook, now: number): Promise<WebhookRequest>;
  now: () => number;
  onFault: (error: unknown) => void;
  onInactive: (webhook: Webhook, reason: 'gone' | 'failing') => void;
  metrics?: Metrics | undefined;
}

/** Requests under way to all webhooks together. */
const AT_ONCE = 256;
const ANSWER_MAX_CHARACTERS = 2_048;

export class WebhookDeliverer {
  readonly #options: DelivererOptions;
  /** Of the webhooks for which something waits. */
  readonly #queues = new Map<string, EndpointQueue>();
  readonly #running = new Set<Promise<void>>();
  #looking: Promise<void> | undefined;
  #looksAgain = false;
  #isStopped = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  /** Something may be due. */
  notify(): void {
    if (this.#isStopped) return;
    if (this.#looking !== undefined) {
      this.#looksAgain = true;
      return;
    }
    this.#looksAgain = false;
    this.#looking = this.#look()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#looking = undefined;
        if (this.#looksAgain) this.notify();
      });
  }

  /** Begins nothing more; settles when what is on its way has been answered or timed out. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking;
    await Promise.all(this.#running);
  }

  /** Reads ahead for every webhook that will soon have nothing to do. */
  async #look(): Promise<void> {
    const { read } = this.#options.store;
    const waiting = await read.deliveries.webhooksWithPending();
    for (const [id, queue] of this.#queues) {
      if (queue.isIdle() && !waiting.includes(id)) this.#queues.delete(id);
    }
    for (const id of waiting) {
      if (!(await read.webhooks.get(id))?.isActive) continue;
      let queue = this.#queues.get(id);
      if (queue === undefined) {
        queue = new EndpointQueue();
        this.#queues.set(id, queue);
      }
      await this.#fill(id, queue);
      this.#begin(id, queue);
    }
  }

  async #fill(webhookId: string, queue: EndpointQueue): Promise<void> {
    if (!queue.isLow()) return;
    const { store, now } = this.#options;
    queue.add(await store.read.deliveries.due(webhookId, now(), queue.beginReading()));
  }

  #begin(webhookId: string, queue: EndpointQueue): void {
    while (!this.#isStopped && this.#running.size < AT_ONCE) {
      const next = queue.next();
      if (next === undefined) return;
      const running = this.#deliver(next, webhookId, queue)
        .then(
          () => true,
          (error: unknown) => {
            this.#options.onFault(error);
            return false;
          },
        )
        .then((isDone) => {
          queue.done(next);
          this.#running.delete(running);
          // What can't be delivered for a fault of ours is looked at again by the next beat, not at once.
          if (!isDone) return;
          this.#begin(webhookId, queue);
          // What waited for this one, or for room, may go now.
          if (queue.isLow() || this.#running.size >= AT_ONCE - 1) this.notify();
        });
      this.#running.add(running);
    }
  }

  async #deliver(due: DueDelivery, webhookId: string, queue: EndpointQueue): Promise<void> {
    const webhook = await this.#options.store.read.webhooks.get(webhookId);
    if (webhook === undefined || !webhook.isActive) {
      queue.answered();
      return;
    }
    const { attempt, outcome } = await this.#call(due, webhook).finally(() => queue.answered());
    queue.learn(outcome.kind === 'delivered' ? 'taken' : attempt.statusCode === null ? 'silent' : 'refused');
    this.#options.metrics?.webhookResponded(outcome.kind, attempt.durationMs);
    // The next one is called while this one is written down.
    this.#begin(webhookId, queue);
    await this.#record(due.delivery, attempt, outcome, webhook);
  }

  async #call({ delivery, readEvent }: DueDelivery, webhook: Webhook) {
    const { now, post, requestFor } = this.#options;
    const at = now();
    const { headers, body } = await requestFor(readEvent(), webhook, at);
    const posted = await post(webhook.url, headers, body).catch((error: unknown) => {
      if (error instanceof EgressBlockedError) return error;
      throw error;
    });
    const attempt = attemptOf(delivery.attempts + 1, at, now() - at, posted);
    return { attempt, outcome: outcomeOf(delivery, responseOf(posted), now()) };
  }

  async #record(
    delivery: WebhookDelivery,
    attempt: WebhookAttempt,
    outcome: Outcome,
    { id: webhookId }: Webhook,
  ): Promise<void> {
    const { store, now, onInactive } = this.#options;
    const status =
      outcome.kind === 'again' ? 'pending' : outcome.kind === 'delivered' ? 'delivered' : 'failed';
    const nextAttemptAt = outcome.kind === 'again' ? outcome.at : delivery.nextAttemptAt;
    const next = { ...delivery, status, attempts: attempt.attempt, nextAttemptAt } as const;
    const ended = await store.transaction(async (tx) => {
      // Removed with its webhook while it was on its way.
      if (!(await tx.deliveries.record(next, attempt))) return undefined;
      if (outcome.kind === 'again') return undefined;
      const webhook = await tx.webhooks.get(webhookId);
      if (webhook === undefined) return undefined;
      const failedInARow = outcome.kind === 'delivered' ? 0 : webhook.failedInARow + 1;
      const isInactive = outcome.kind === 'gone' || failedInARow >= FAILURES_IN_A_ROW;
      if (failedInARow === webhook.failedInARow && !isInactive) return undefined;
      const changed = {
        ...webhook,
        failedInARow,
        isActive: webhook.isActive && !isInactive,
        updatedAt: now(),
      };
      await tx.webhooks.update(changed);
      if (!isInactive || !webhook.isActive) return undefined;
      await tx.deliveries.failPending(webhookId);
      return changed;
    });
    if (ended !== undefined) onInactive(ended, outcome.kind === 'gone' ? 'gone' : 'failing');
  }
}

function responseOf(posted: Posted | EgressBlockedError): WebhookResponse {
  return posted instanceof EgressBlockedError ? { statusCode: undefined } : posted;
}

function attemptOf(
  attempt: number,
  at: number,
  durationMs: number,
  posted: Posted | EgressBlockedError,
): WebhookAttempt {
  if (posted instanceof EgressBlockedError) {
    return {
      attempt,
      at,
      durationMs,
      statusCode: null,
      answer: posted.message.slice(0, ANSWER_MAX_CHARACTERS),
    };
  }
  return { attempt, at, durationMs, statusCode: posted.statusCode, answer: posted.answer };
}
