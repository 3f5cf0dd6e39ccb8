/**
 * Delivers events to webhooks.
 *
 * - Every event is delivered at least once, and the events of one message in order.
 * - Each webhook has its own limit of parallel requests, so a webhook that hangs delays no other.
 * - Deliveries are in the database before the first request, so a broker that was killed continues with them.
 */
import type { IdSource } from '../../../shared/ids.ts';
import type { DueDelivery, HomingEvent, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Store } from '../../core/ports/store.ts';
import { failPendingDeliveries } from '../../core/webhooks/webhook-subscriptions.ts';
import { EgressBlockedError } from '../../egress/guarded-agent.ts';
import type { GuardedPost, PostResponse } from '../../egress/guarded-post.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { CONSECUTIVE_FAILURES_MAX, type Outcome, outcomeOf, type WebhookResponse } from './retry-policy.ts';

export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

export interface DelivererOptions {
  store: Store;
  post: GuardedPost;
  /** Creates the request in the format of the API that created the webhook. */
  requestFor(event: HomingEvent, webhook: Webhook, now: number): Promise<WebhookRequest>;
  now: () => number;
  monotonicNow: () => number;
  ids: IdSource;
  onFault: (error: unknown) => void;
  onInactive: (webhook: Webhook, reason: 'gone' | 'failing') => void;
  metrics?: Metrics | undefined;
}

/** Maximum parallel requests to all webhooks together. */
const CONCURRENCY = 256;
const ERROR_MAX_CHARACTERS = 2_048;

/** The broker could not create the request of an event. */
class PreparationError extends Error {}

/** The response, or the reason why there was no request. */
type Posted = PostResponse | EgressBlockedError | PreparationError;

export class WebhookDeliverer {
  readonly #options: DelivererOptions;
  /** Queues of the webhooks with pending deliveries, by webhook id. */
  readonly #queues = new Map<string, EndpointQueue>();
  readonly #running = new Set<Promise<void>>();
  #reading: Promise<void> | undefined;
  #readsAgain = false;
  #isStopped = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  /** Call when deliveries may be due. */
  notify(): void {
    if (this.#isStopped) return;
    if (this.#reading !== undefined) {
      this.#readsAgain = true;
      return;
    }
    this.#readsAgain = false;
    this.#reading = this.#readDue()
      .catch(this.#options.onFault)
      .finally(() => {
        this.#reading = undefined;
        if (this.#readsAgain) this.notify();
      });
  }

  /** Starts no further request. Settles when the running requests have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#reading;
    await Promise.all(this.#running);
  }

  /** Reads due deliveries into the queues that are almost empty, and starts requests. */
  async #readDue(): Promise<void> {
    const { read } = this.#options.store;
    const pending = await read.deliveries.webhooksWithPending();
    for (const [id, queue] of this.#queues) {
      if (queue.isIdle() && !pending.includes(id)) this.#queues.delete(id);
    }
    for (const id of pending) {
      if (!(await read.webhooks.get(id))?.isActive) continue;
      let queue = this.#queues.get(id);
      if (queue === undefined) {
        queue = new EndpointQueue();
        this.#queues.set(id, queue);
      }
      await this.#fill(id, queue);
      this.#startRequests(id, queue);
    }
  }

  async #fill(webhookId: string, queue: EndpointQueue): Promise<void> {
    if (!queue.isLow()) return;
    const { store, now } = this.#options;
    queue.add(await store.read.deliveries.due(webhookId, now(), queue.beginReading()));
  }

  #startRequests(webhookId: string, queue: EndpointQueue): void {
    while (!this.#isStopped && this.#running.size < CONCURRENCY) {
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
          // A delivery that failed by a fault of the broker is retried at the next tick, not immediately.
          if (!isDone) return;
          this.#startRequests(webhookId, queue);
          // Deliveries that waited for this one or for capacity may be due now.
          if (queue.isLow() || this.#running.size >= CONCURRENCY - 1) this.notify();
        });
      this.#running.add(running);
    }
  }

  async #deliver(due: DueDelivery, webhookId: string, queue: EndpointQueue): Promise<void> {
    const webhook = await this.#options.store.read.webhooks.get(webhookId);
    if (webhook === undefined || !webhook.isActive) {
      queue.requestEnded();
      return;
    }
    const { attempt, outcome, isOwnFault } = await this.#request(due, webhook).finally(() =>
      queue.requestEnded(),
    );
    queue.adjustLimit(resultOf(attempt, outcome));
    this.#options.metrics?.webhookResponded(outcome.kind, attempt.durationMs);
    // The next request runs while this result is stored.
    this.#startRequests(webhookId, queue);
    await this.#record(due.delivery, attempt, outcome, { webhookId, isOwnFault });
  }

  async #request({ delivery, readEvent }: DueDelivery, webhook: Webhook) {
    const { now, monotonicNow } = this.#options;
    const at = now();
    const startedAt = monotonicNow();
    const posted = await this.#post(readEvent, webhook, at);
    const attempt = attemptOf(delivery.attempts + 1, at, monotonicNow() - startedAt, posted);
    const isOwnFault = posted instanceof PreparationError;
    return { attempt, outcome: outcomeOf(delivery, responseOf(posted), now()), isOwnFault };
  }

  /** Returns the error if there was no request. */
  async #post(readEvent: DueDelivery['readEvent'], webhook: Webhook, at: number): Promise<Posted> {
    const { post, requestFor, onFault } = this.#options;
    let request: WebhookRequest;
    try {
      request = await requestFor(readEvent(), webhook, at);
    } catch (error) {
      onFault(error);
      return new PreparationError('The broker could not prepare the event. See its log.');
    }
    return post(webhook.url, request.headers, request.body).catch((error: unknown) => {
      if (error instanceof EgressBlockedError) return error;
      throw error;
    });
  }

  async #record(
    delivery: WebhookDelivery,
    attempt: WebhookAttempt,
    outcome: Outcome,
    { webhookId, isOwnFault }: { webhookId: string; isOwnFault: boolean },
  ): Promise<void> {
    const { store, now, ids, onInactive } = this.#options;
    const status =
      outcome.kind === 'again' ? 'pending' : outcome.kind === 'delivered' ? 'delivered' : 'failed';
    const nextAttemptAt = outcome.kind === 'again' ? outcome.at : delivery.nextAttemptAt;
    const next = { ...delivery, status, attempts: attempt.attempt, nextAttemptAt } as const;
    const ended = await store.transaction(async (tx) => {
      // The delivery was deleted with its webhook during the request.
      if (!(await tx.deliveries.record(next, attempt))) return undefined;
      // A fault of the broker does not count against the webhook.
      if (outcome.kind === 'again' || isOwnFault) return undefined;
      const webhook = await tx.webhooks.get(webhookId);
      if (webhook === undefined) return undefined;
      const consecutiveFailures = outcome.kind === 'delivered' ? 0 : webhook.consecutiveFailures + 1;
      const isInactive = outcome.kind === 'gone' || consecutiveFailures >= CONSECUTIVE_FAILURES_MAX;
      if (consecutiveFailures === webhook.consecutiveFailures && !isInactive) return undefined;
      const changed = {
        ...webhook,
        consecutiveFailures,
        isActive: webhook.isActive && !isInactive,
        updatedAt: now(),
      };
      await tx.webhooks.update(changed);
      if (!isInactive || !webhook.isActive) return undefined;
      await failPendingDeliveries(tx, webhookId, { now: now(), ids });
      return changed;
    });
    if (ended !== undefined) onInactive(ended, outcome.kind === 'gone' ? 'gone' : 'failing');
  }
}

function responseOf(posted: Posted): WebhookResponse {
  return posted instanceof Error ? { statusCode: undefined } : posted;
}

function resultOf({ statusCode }: WebhookAttempt, { kind }: Outcome): 'success' | 'error' | 'no_response' {
  if (kind === 'delivered') return 'success';
  return statusCode === null ? 'no_response' : 'error';
}

function attemptOf(attempt: number, at: number, durationMs: number, posted: Posted): WebhookAttempt {
  if (posted instanceof Error) {
    return {
      attempt,
      at,
      durationMs,
      statusCode: null,
      answer: posted.message.slice(0, ERROR_MAX_CHARACTERS),
    };
  }
  return { attempt, at, durationMs, statusCode: posted.statusCode, answer: posted.bodyStart };
}
