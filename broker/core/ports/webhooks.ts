/** Webhooks, events and their deliveries, as the core needs them kept. */

import type { DueDelivery, EventType, HomingEvent, WebhookAttempt, WebhookDelivery } from '../model/event.ts';
import type { Webhook, WebhookDialect } from '../model/webhook.ts';
import type { Page } from './inbox.ts';

export interface WebhookQueries {
  insert(webhook: Webhook): Promise<void>;
  update(webhook: Webhook): Promise<void>;
  find(tenantId: number, dialect: WebhookDialect, id: string): Promise<Webhook | undefined>;
  /** For delivery, whoever's it is. */
  get(id: string): Promise<Webhook | undefined>;
  findCallback(tenantId: number, url: string): Promise<Webhook | undefined>;
  /** The webhook that single messages are reported to at an address; it is made, or active again, with this. */
  putCallback(webhook: Webhook): Promise<string>;
  /** Deletes such webhooks that nothing was sent with since, and for which nothing is pending. */
  purgeCallbacks(before: number): Promise<number>;
  /** Oldest first. */
  list(tenantId: number, dialect: WebhookDialect): Promise<Webhook[]>;
  activeOf(tenantId: number): Promise<readonly Webhook[]>;
  remove(tenantId: number, dialect: WebhookDialect, id: string): Promise<boolean>;
}

export interface EventQueries {
  insert(event: HomingEvent): Promise<void>;
  find(tenantId: number, id: string): Promise<HomingEvent | undefined>;
  /** Oldest first. */
  after(tenantId: number, id: string, limit: number): Promise<HomingEvent[]>;
}

export interface EventRange {
  tenantId: number;
  webhookId: string;
  types: readonly EventType[];
  /** After this id, and before that one. */
  after: string;
  before: string;
  /** Only what the webhook was not told, nor is still to be told. */
  isUndeliveredOnly: boolean;
  limit: number;
}

export interface StreamQueries {
  /** Until when events are written for streams of the world (epoch ms); 0: they are not. */
  recordedUntil(tenantId: number): Promise<number>;
  recordUntil(tenantId: number, until: number): Promise<void>;
}

export interface DeliveryQueries {
  insert(delivery: WebhookDelivery): Promise<void>;
  /** Events that a webhook may be told again, oldest first. */
  replayable(range: EventRange): Promise<HomingEvent[]>;
  /** Newest first, with what happened. */
  of(webhookId: string, page: Page): Promise<Array<WebhookDelivery & { type: EventType }>>;
  /** The webhooks for which something is pending. */
  webhooksWithPending(): Promise<string[]>;
  /** What may be tried now, in order; what must come after something that is still pending is left out. */
  due(webhookId: string, now: number, limit: number): Promise<DueDelivery[]>;
  /** Writes what became of a try. False: the delivery is not there any more. */
  record(delivery: WebhookDelivery, attempt: WebhookAttempt): Promise<boolean>;
  /** How many are still to be delivered, and when the oldest of them was made (epoch ms). */
  pending(): Promise<{ count: number; oldestAt: number | null }>;
  attemptsOf(deliveryId: string): Promise<WebhookAttempt[]>;
  /** Nothing that is pending for it is tried any more. */
  failPending(webhookId: string): Promise<void>;
  /** Deletes what was over before the id was made, and events that nothing is left of. Gives how many. */
  purge(beforeId: string, limit: number): Promise<number>;
}
