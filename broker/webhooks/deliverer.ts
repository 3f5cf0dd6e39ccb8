/**
 * Delivers events to webhooks: at least once, what happens with one message in order, each webhook with a few requests
 * of its own, so that one which hangs holds up nobody else. What is to be delivered stands in the database before
 * anything is sent, so a broker that was killed goes on where it was.
 */
import type { Store } from '../core/store-port.ts';
import type { HomingEvent, WebhookAttempt, WebhookDelivery } from '../core/webhooks/events.ts';
import type { Webhook } from '../core/webhooks/webhooks.ts';
import { FetchRefusedError } from '../outgoing/guarded-agent.ts';
import type { GuardedPost, Posted } from '../outgoing/guarded-post.ts';
import { type Answered, FAILURES_IN_A_ROW, type Outcome, outcomeOf } from './schedule.ts';

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
}

const AT_ONCE_FOR_ONE = 4;
const AT_ONCE = 64;
const ANSWER_MAX_CHARACTERS = 2_048;

export class WebhookDeliverer {
  readonly #options: DelivererOptions;
  /** Ids of the deliveries that are on their way, by webhook. */
  readonly #underWay = new Map<string, Set<string>>();
  readonly #running = new Set<Promise<void>>();
  #looking: Promise<void> | undefined;
  #looksAgain = false;
  #isStopped = false;

  constructor(options: DelivererOptions) {
    this.#options = options;
  }

  /** Something may be due. */
  wake(): void {
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
        if (this.#looksAgain) this.wake();
      });
  }

  /** Begins nothing more; settles when what is on its way has been answered or timed out. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#looking;
    await Promise.all(this.#running);
  }

  async #look(): Promise<void> {
    const { store, now } = this.#options;
    for (const webhookId of await store.read.deliveries.waitingWebhooks()) {
      const underWay = this.#underWay.get(webhookId) ?? new Set();
      const room = Math.min(AT_ONCE_FOR_ONE - underWay.size, AT_ONCE - this.#running.size);
      if (room <= 0) continue;
      const due = await store.read.deliveries.due(webhookId, now(), room + underWay.size);
      const free = due.filter(({ id }) => !underWay.has(id)).slice(0, room);
      if (free.length === 0) continue;
      const webhook = await store.read.webhooks.get(webhookId);
      if (webhook === undefined || !webhook.isActive || this.#isStopped) continue;
      this.#underWay.set(webhookId, underWay);
      for (const delivery of free) this.#begin(delivery, webhook, underWay);
    }
  }

  #begin(delivery: WebhookDelivery, webhook: Webhook, underWay: Set<string>): void {
    underWay.add(delivery.id);
    const running = this.#deliver(delivery, webhook)
      .catch(this.#options.onFault)
      .finally(() => {
        underWay.delete(delivery.id);
        if (underWay.size === 0) this.#underWay.delete(webhook.id);
        this.#running.delete(running);
        this.wake();
      });
    this.#running.add(running);
  }

  async #deliver(delivery: WebhookDelivery, webhook: Webhook): Promise<void> {
    const { store, now, post, requestFor } = this.#options;
    const event = await store.read.events.find(webhook.worldId, delivery.eventId);
    if (event === undefined) return;
    const at = now();
    const { headers, body } = await requestFor(event, webhook, at);
    const posted = await post(webhook.url, headers, body).catch((error: unknown) => {
      if (error instanceof FetchRefusedError) return error;
      throw error;
    });
    const attempt = attemptOf(delivery.attempts + 1, at, now() - at, posted);
    await this.#record(delivery, attempt, outcomeOf(delivery, answered(posted), now()), webhook);
  }

  async #record(
    delivery: WebhookDelivery,
    attempt: WebhookAttempt,
    outcome: Outcome,
    { id: webhookId }: Webhook,
  ): Promise<void> {
    const { store, now, onInactive } = this.#options;
    const ended = await store.transaction(async (tx) => {
      const current = await tx.deliveries.find(delivery.id);
      // Removed with its webhook, or given up, while it was on its way.
      if (current === undefined) return undefined;
      const status =
        outcome.kind === 'again' ? 'pending' : outcome.kind === 'delivered' ? 'delivered' : 'failed';
      const nextAttemptAt = outcome.kind === 'again' ? outcome.at : current.nextAttemptAt;
      await tx.deliveries.record({ ...current, status, attempts: attempt.attempt, nextAttemptAt }, attempt);
      if (outcome.kind === 'again') return undefined;
      const webhook = await tx.webhooks.get(webhookId);
      if (webhook === undefined) return undefined;
      const failedInARow = outcome.kind === 'delivered' ? 0 : webhook.failedInARow + 1;
      const isInactive = outcome.kind === 'gone' || failedInARow >= FAILURES_IN_A_ROW;
      if (failedInARow === webhook.failedInARow && !isInactive) return undefined;
      const next = { ...webhook, failedInARow, isActive: webhook.isActive && !isInactive, updatedAt: now() };
      await tx.webhooks.update(next);
      if (!isInactive || !webhook.isActive) return undefined;
      await tx.deliveries.giveUp(webhookId);
      return next;
    });
    if (ended !== undefined) onInactive(ended, outcome.kind === 'gone' ? 'gone' : 'failing');
  }
}

function answered(posted: Posted | FetchRefusedError): Answered {
  return posted instanceof FetchRefusedError ? { statusCode: undefined } : posted;
}

function attemptOf(
  attempt: number,
  at: number,
  durationMs: number,
  posted: Posted | FetchRefusedError,
): WebhookAttempt {
  if (posted instanceof FetchRefusedError) {
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
