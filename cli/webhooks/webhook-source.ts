/** Declares the webhooks of an account: in the local data folder, or at a remote broker through its API. */

/** A webhook in the output of `--json`. */
export interface WebhookOutput {
  /** `wh_…` */
  id: string;
  url: string;
  events: readonly string[];
  phone_number: string | null;
  active: boolean;
  /** ISO 8601, UTC. */
  created_at: string;
}

/** A delivery in the output of `--json`. */
export interface DeliveryOutput {
  id: string;
  event_id: string;
  type: string;
  status: string;
  created_at: string;
  attempts: ReadonlyArray<{ at: string; duration_ms: number; status_code: number | null; answer: string }>;
}

export interface NewWebhook {
  url: string;
  events: string[];
  phone_number: string | null;
}

export interface WebhookSource {
  /** Oldest first. */
  list(): Promise<WebhookOutput[]>;
  create(webhook: NewWebhook): Promise<WebhookOutput & { secret: string }>;
  remove(id: string): Promise<void>;
  /** Queues a delivery with a sample message. */
  test(id: string): Promise<DeliveryOutput>;
  /** Newest first. */
  deliveries(id: string, limit: number): Promise<DeliveryOutput[]>;
  replayEvent(id: string, eventId: string): Promise<DeliveryOutput>;
  /** Queues the events since the time (epoch ms). Returns their number. */
  replaySince(id: string, since: number, isUndeliveredOnly: boolean): Promise<number>;
}
