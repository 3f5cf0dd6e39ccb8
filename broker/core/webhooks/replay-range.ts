/** Replays the events of a time range to a webhook. */
import { firstIdAt } from '../../../shared/ids.ts';
import { isShownTo } from '../lifecycle/emit-event.ts';
import { notFound } from '../model/errors.ts';
import { concernsNumber, newDelivery } from '../model/event.ts';
import type { WebhookDialect } from '../model/webhook.ts';
import type { Queries } from '../ports/store.ts';
import type { WebhookContext } from './webhook-subscriptions.ts';

export interface ReplayRange {
  /** Epoch ms. */
  since: number;
  until: number;
  isUndeliveredOnly: boolean;
  /** Id of the last event of a previous call. */
  after?: string | undefined;
}

const REPLAY_STEP = 500;
/** Maximum number of events read for one request. */
const REPLAY_MAX = 10_000;

/**
 * Creates deliveries for the events of the range, in order, `REPLAY_STEP` events per transaction. If the range has more
 * events, returns the id to continue after as `last`.
 */
export async function replayRange(
  inTransaction: <T>(work: (tx: Queries) => Promise<T>) => Promise<T>,
  { tenantId, dialect, webhookId }: { tenantId: number; dialect: WebhookDialect; webhookId: string },
  { since, until, isUndeliveredOnly, after }: ReplayRange,
  { now, ids }: Pick<WebhookContext, 'now' | 'ids'>,
): Promise<{ replayed: number; last: string | null }> {
  const before = firstIdAt(until);
  let last = after ?? firstIdAt(since);
  let replayed = 0;
  for (let read = 0; read < REPLAY_MAX; read += REPLAY_STEP) {
    const step = await inTransaction(async (tx) => {
      const webhook = await tx.webhooks.find(tenantId, dialect, webhookId);
      if (webhook === undefined) throw notFound('Webhook');
      const range = { tenantId, webhookId, types: webhook.events, after: last, before, isUndeliveredOnly };
      const events = await tx.deliveries.replayable({ ...range, limit: REPLAY_STEP });
      const own = events.filter(
        ({ subject }) => concernsNumber(subject, webhook.numberId) && isShownTo(webhook, subject),
      );
      for (const event of own) await tx.deliveries.insert(newDelivery(ids(), webhookId, event, now(), true));
      return { replayed: own.length, next: events.length < REPLAY_STEP ? undefined : events.at(-1)?.id };
    });
    replayed += step.replayed;
    if (step.next === undefined) return { replayed, last: null };
    last = step.next;
  }
  return { replayed, last };
}
