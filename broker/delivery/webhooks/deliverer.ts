/**
 * Delivers events to webhooks.
 *
 * - Every event is delivered at least once, and the events of one message in order.
 * - Each webhook has its own limit of parallel requests, so a webhook that hangs delays no other.
 * - Deliveries are in the database before the first request, so a broker that was killed continues with them.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { IdSource } from '../../../shared/ids.ts';
import type { DueDelivery, HomingEvent, WebhookAttempt, WebhookDelivery } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Metrics } from '../../core/ports/metrics.ts';
import type { Store } from '../../core/ports/store.ts';
import { failPendingDeliveries, isGivingUp } from '../../core/webhooks/webhook-subscriptions.ts';
import { EgressBlockedError, WithheldError } from '../../egress/errors.ts';
import type { GuardedPost } from '../../egress/guarded-post.ts';
import { attemptOf, type Posted, PreparationError, responseOf, resultOf } from './attempts.ts';
import { DeliverySchedule } from './delivery-schedule.ts';
import { EndpointQueue } from './endpoint-queue.ts';
import { allLanes, type Lanes } from './lanes.ts';
import { CONSECUTIVE_FAILURES_MAX, type Outcome, outcomeOf } from './retry-policy.ts';

export interface WebhookRequest {
  headers: Record<string, string>;
  body: string;
}

export interface DelivererOptions {
  store: Store;
  /** Default: this broker sends to every webhook. */
  lanes?: Lanes;
  /** Throws WithheldError instead of sending if another broker may have taken over. */
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
/** Webhooks that are read before the event loop runs again. */
const WEBHOOKS_PER_TURN = 50;

/** Nothing was sent, because another broker may have taken over. */
class NotCurrentError extends Error {}

export class WebhookDeliverer {
  readonly #options: DelivererOptions;
  readonly #lanes: Lanes;
  /** Queues of the webhooks with pending deliveries, by webhook id. */
  readonly #queues = new Map<string, EndpointQueue>();
  readonly #running = new Set<Promise<void>>();
  readonly #schedule = new DeliverySchedule();
  #reading: Promise<void> | undefined;
  /** Every webhook with pending deliveries is to be read. */
  #readsAll = false;
  #readsAgain = false;
  #isStopped = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
    this.#lanes = options.lanes ?? allLanes;
  }

  /** Call at the start, and when deliveries of any webhook may be due: reads every webhook with pending deliveries. */
  notify(): void {
    this.#readsAll = true;
    this.#read();
  }

  /** Call when the webhook has a new delivery. */
  notifyOf(webhookId: string): void {
    if (this.#lanes.notifyOwner(webhookId)) return;
    this.#schedule.add(webhookId);
    this.#read();
  }

  /** Call when another broker says that the webhook has a new delivery. */
  notifyHere(webhookId: string): void {
    if (this.#lanes.concerns(webhookId)) this.notifyOf(webhookId);
  }

  /** Reads the webhooks with a due retry. Call several times a second. */
  tick(): void {
    const isDue = this.#schedule.addDue(this.#options.now());
    if (isDue || this.#readsAll || this.#lanes.isSettlingDue()) this.#read();
  }

  /** Starts no further request. Settles when the running requests have ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#reading;
    await Promise.all(this.#running);
  }

  #read(): void {
    if (this.#isStopped) return;
    if (this.#reading !== undefined) {
      this.#readsAgain = true;
      return;
    }
    this.#readsAgain = false;
    // A commit notifies once per delivery. The read begins after the last of these calls.
    this.#reading = Promise.resolve()
      .then(() => this.#readDue())
      .catch((error: unknown) => {
        // The next tick reads again.
        this.#readsAll = true;
        this.#options.onFault(error);
      })
      .finally(() => {
        this.#reading = undefined;
        if (this.#readsAgain) this.#read();
      });
  }

  async #readDue(): Promise<void> {
    const lanes = this.#lanes;
    const notified = this.#schedule.take();
    const webhookIds = new Set(notified);
    if (this.#readsAll) {
      this.#readsAll = false;
      lanes.forget();
      const pending = await this.#options.store.read.deliveries.webhooksWithPending();
      for (const webhookId of pending) webhookIds.add(webhookId);
    }
    if (lanes.isSettlingDue()) {
      const hasWork = (id: string) => webhookIds.has(id) || this.#queues.has(id) || this.#schedule.has(id);
      for (const webhookId of await lanes.settle(hasWork)) webhookIds.add(webhookId);
    }
    const own = await lanes.claim(webhookIds);
    for (const webhookId of notified) if (!own.has(webhookId)) lanes.notifyOwner(webhookId);
    let count = 0;
    for (const webhookId of own) {
      count += 1;
      if (count % WEBHOOKS_PER_TURN === 0) await nextTurn();
      await this.#readWebhook(webhookId);
    }
  }

  /** Reads due deliveries into the queue of the webhook if it is almost empty, and starts requests. */
  async #readWebhook(webhookId: string): Promise<void> {
    const { store, now } = this.#options;
    const { read } = store;
    const webhook = await read.webhooks.get(webhookId);
    if (webhook === undefined) {
      this.#queues.delete(webhookId);
      return;
    }
    if (!webhook.isActive || (await isGivingUp(read, webhookId))) {
      this.#schedule.pause(webhookId);
      return;
    }
    const queue = this.#queues.get(webhookId) ?? new EndpointQueue();
    this.#queues.set(webhookId, queue);
    if (queue.isLow()) {
      const limit = queue.beginReading();
      const at = now();
      const due = await read.deliveries.due(webhookId, at, limit);
      queue.add(due);
      const nextAt = due.length < limit ? await read.deliveries.nextDueAt(webhookId, at) : undefined;
      if (nextAt !== undefined) this.#schedule.readAt(webhookId, nextAt);
      else if (queue.isIdle()) this.#queues.delete(webhookId);
    }
    this.#startRequests(webhookId, queue);
  }

  #startRequests(webhookId: string, queue: EndpointQueue): void {
    while (!this.#isStopped && this.#running.size < CONCURRENCY) {
      const next = queue.next();
      if (next === undefined) return;
      const running = this.#deliver(next, webhookId, queue)
        .then(
          () => true,
          (error: unknown) => {
            if (!(error instanceof NotCurrentError)) this.#options.onFault(error);
            return false;
          },
        )
        .then((isDone) => {
          queue.done(next);
          this.#running.delete(running);
          // A delivery that failed by a fault of the broker is retried at the next tick, not immediately.
          if (!isDone) {
            this.#schedule.readAt(webhookId, this.#options.now());
            return;
          }
          this.#startRequests(webhookId, queue);
          // Deliveries that waited for this one may be due now.
          if (queue.isLow()) this.notifyOf(webhookId);
          // Other webhooks may have waited for capacity.
          if (this.#running.size >= CONCURRENCY - 1) {
            for (const [otherId, other] of this.#queues) this.#startRequests(otherId, other);
          }
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
      if (error instanceof WithheldError) throw new NotCurrentError();
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
