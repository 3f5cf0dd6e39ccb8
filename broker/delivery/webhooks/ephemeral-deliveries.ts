/**
 * Delivers events to webhooks that are worthless a moment later, such as typing.
 *
 * - One attempt, signed like every delivery. It is not stored, not retried, and does not count as a failure.
 * - These requests have their own limits and connections, so they delay no other delivery. Events beyond the limits are
 *   dropped.
 */
import { concernsNumber, type HomingEvent } from '../../core/model/event.ts';
import type { Webhook } from '../../core/model/webhook.ts';
import type { Store } from '../../core/ports/store.ts';
import type { GuardedPost } from '../../egress/guarded-post.ts';
import type { DelivererOptions } from './deliverer.ts';

const REQUESTS_MAX = 64;
const REQUESTS_MAX_PER_WEBHOOK = 4;

export interface EphemeralDeliveriesOptions {
  store: Store;
  post: GuardedPost;
  requestFor: DelivererOptions['requestFor'];
  now: () => number;
}

export class EphemeralDeliveries {
  readonly #options: EphemeralDeliveriesOptions;
  /** Number of running requests by webhook id. */
  readonly #running = new Map<string, number>();
  #total = 0;

  constructor(options: EphemeralDeliveriesOptions) {
    this.#options = options;
  }

  /** Settles when the webhooks are known. The requests run on. */
  async send(event: HomingEvent): Promise<void> {
    for (const webhook of await this.#options.store.read.webhooks.activeOf(event.tenantId)) {
      const { id, events, numberId } = webhook;
      if (!events.includes(event.type) || !concernsNumber(event.subject, numberId)) continue;
      const running = this.#running.get(id) ?? 0;
      if (this.#total >= REQUESTS_MAX || running >= REQUESTS_MAX_PER_WEBHOOK) continue;
      this.#running.set(id, running + 1);
      this.#total += 1;
      void this.#attempt(event, webhook).finally(() => this.#ended(id));
    }
  }

  /** The receiver loses nothing by a failure: the next event describes the new state. */
  async #attempt(event: HomingEvent, webhook: Webhook): Promise<void> {
    const { post, requestFor, now } = this.#options;
    try {
      const { headers, body } = await requestFor(event, webhook, now());
      await post(webhook.url, headers, body);
    } catch {}
  }

  #ended(webhookId: string): void {
    const running = (this.#running.get(webhookId) ?? 1) - 1;
    if (running === 0) this.#running.delete(webhookId);
    else this.#running.set(webhookId, running);
    this.#total -= 1;
  }
}
