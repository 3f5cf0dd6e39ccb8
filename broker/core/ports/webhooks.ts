/** Queries of webhooks, events, streams and deliveries. */
import type {
  DeliveryStatus,
  DueDelivery,
  EventType,
  HomingEvent,
  WebhookAttempt,
  WebhookDelivery,
} from '../model/event.ts';
import type { Webhook, WebhookDialect } from '../model/webhook.ts';
import type { Page } from './inbox.ts';

export interface WebhookQueries {
  insert(webhook: Webhook): Promise<void>;
  update(webhook: Webhook): Promise<void>;
  find(tenantId: number, dialect: WebhookDialect, id: string): Promise<Webhook | undefined>;
  /** Returns a webhook of any tenant, for delivery. */
  get(id: string): Promise<Webhook | undefined>;
  findCallback(tenantId: number, url: string): Promise<Webhook | undefined>;
  /** Inserts or reactivates the status callback for the URL. Returns its id. */
  putCallback(webhook: Webhook): Promise<string>;
  /** Deletes status callbacks that were last used before the time and have no deliveries. Returns their number. */
  purgeCallbacks(before: number, limit: number): Promise<number>;
  /** Oldest first. */
  list(tenantId: number, dialect: WebhookDialect): Promise<Webhook[]>;
  /** Returns the webhooks of all APIs. Oldest first. */
  ofTenant(tenantId: number): Promise<Webhook[]>;
  activeOf(tenantId: number): Promise<readonly Webhook[]>;
  /** Hides the webhook from every query and stops its deliveries. Returns false if it does not exist. */
  markRemoved(tenantId: number, dialect: WebhookDialect, id: string, at: number): Promise<boolean>;
  /** Deletes a webhook without deliveries. */
  remove(id: string): Promise<void>;
}

export interface EventQueries {
  insert(event: HomingEvent): Promise<void>;
  find(tenantId: number, id: string): Promise<HomingEvent | undefined>;
  /** Oldest first. Returns at least one event if there is one, whatever its size. */
  after(tenantId: number, id: string, limit: { maxEvents: number; maxBytes: number }): Promise<HomingEvent[]>;
  /**
   * Examines the next `limit` events after an id that are older than `beforeId`, and deletes those without deliveries.
   * `next`: where to continue; undefined at the end.
   */
  purge(part: {
    after: string;
    beforeId: string;
    limit: number;
  }): Promise<{ deleted: number; next: string | undefined }>;
}

export interface EventRange {
  tenantId: number;
  webhookId: string;
  types: readonly EventType[];
  /** Event ids; both are exclusive. */
  after: string;
  before: string;
  /** Excludes events with a successful or pending delivery to the webhook. */
  isUndeliveredOnly: boolean;
  limit: number;
}

export interface StreamQueries {
  /** Returns until when events are stored for streams of the tenant (epoch ms); 0: not stored. */
  recordedUntil(tenantId: number): Promise<number>;
  recordUntil(tenantId: number, until: number): Promise<void>;
}

/** With several brokers, one at a time sends the deliveries of a webhook. */
export interface WebhookLaneQueries {
  /** Returns the broker of each webhook that has one. */
  owners(webhookIds: readonly string[]): Promise<Map<string, string>>;
  /** Assigns the webhooks without a broker to the broker. */
  claim(webhookIds: readonly string[], brokerId: string): Promise<void>;
  /** Takes the webhooks without pending deliveries from the broker. Returns their ids. */
  release(webhookIds: readonly string[], brokerId: string): Promise<string[]>;
}

export interface DeliveryFilter {
  /** True: delivered; false: the last attempt failed. */
  isSuccess?: boolean | undefined;
  type?: EventType | undefined;
}

/** A part of a list. `next`: where to continue; undefined at the end. */
export interface DeliveryPage {
  deliveries: Array<WebhookDelivery & { type: EventType }>;
  next: string | undefined;
}

export interface DeliveryQueries {
  insert(delivery: WebhookDelivery): Promise<void>;
  /** Returns the events of a range that can be replayed. Oldest first. */
  replayable(range: EventRange): Promise<HomingEvent[]>;
  /** Newest first. */
  of(webhookId: string, page: Page): Promise<Array<WebhookDelivery & { type: EventType }>>;
  find(webhookId: string, id: string): Promise<(WebhookDelivery & { type: EventType }) | undefined>;
  /**
   * Returns deliveries with a status, newest first. Reads a bounded part of the list, so it may return fewer than the limit
   * before the end.
   */
  withStatus(webhookId: string, status: DeliveryStatus, page: Omit<Page, 'offset'>): Promise<DeliveryPage>;
  /** Returns the deliveries among the next 2,000 that match the filter, newest first. */
  matching(webhookId: string, filter: DeliveryFilter, page: Pick<Page, 'before'>): Promise<DeliveryPage>;
  /** Returns the ids of the webhooks with pending deliveries. */
  webhooksWithPending(): Promise<string[]>;
  /** Returns the deliveries to attempt now, in order. Excludes deliveries that must follow a pending one. */
  due(webhookId: string, now: number, limit: number): Promise<DueDelivery[]>;
  /** Returns the earliest time after `now` at which a pending delivery is due (epoch ms). */
  nextDueAt(webhookId: string, now: number): Promise<number | undefined>;
  /** Stores an attempt. Returns false if the delivery was deleted. */
  record(delivery: WebhookDelivery, attempt: WebhookAttempt): Promise<boolean>;
  /** Returns the number of pending deliveries and the creation time of the oldest (epoch ms). */
  pending(): Promise<{ count: number; oldestAt: number | null }>;
  /** Returns the deliveries of the events of a message, oldest first. */
  ofMessage(messageId: string, limit: number): Promise<Array<WebhookDelivery & { type: EventType }>>;
  attemptsOf(deliveryId: string): Promise<WebhookAttempt[]>;
  /** Makes up to `limit` pending deliveries due now whose next attempt is after `until`. Returns their number. */
  shortenDelays(webhookId: string, part: { now: number; until: number; limit: number }): Promise<number>;
  /** Sets pending deliveries of the webhook that are older than the id to failed. Returns their number. */
  failPending(webhookId: string, beforeId: string, limit: number): Promise<number>;
  /** Deletes deliveries of the webhook with their attempts. Returns the number of deliveries. */
  removeOf(webhookId: string, limit: number): Promise<number>;
  /** Deletes finished deliveries older than the id. Returns the number of deletions. */
  purge(beforeId: string, limit: number): Promise<number>;
}
