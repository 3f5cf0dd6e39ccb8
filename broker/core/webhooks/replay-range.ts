/** Tells a webhook everything of a while once more. */
import { firstIdAt } from '../../../shared/ids.ts';
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
  /** The event up to which it was done before. */
  after?: string | undefined;
}

const REPLAY_STEP = 500;
/** So many events are looked at for one request. */
const REPLAY_MAX = 10_000;

/**
 * Has everything of a range delivered to a webhook once more, in order, in steps of a transaction each. `last`: there is
 * more after this event.
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
  for (let looked = 0; looked < REPLAY_MAX; looked += REPLAY_STEP) {
    const step = await inTransaction(async (tx) => {
      const webhook = await tx.webhooks.find(tenantId, dialect, webhookId);
      if (webhook === undefined) throw notFound('Webhook');
      const range = { tenantId, webhookId, types: webhook.events, after: last, before, isUndeliveredOnly };
      const events = await tx.deliveries.replayable({ ...range, limit: REPLAY_STEP });
      const own = events.filter(({ subject }) => concernsNumber(subject, webhook.numberId));
      for (const event of own) await tx.deliveries.insert(newDelivery(ids(), webhookId, event, now(), true));
      return { replayed: own.length, last: events.at(-1)?.id, isEnd: events.length < REPLAY_STEP };
    });
    replayed += step.replayed;
    if (step.isEnd) return { replayed, last: null };
    last = step.last!;
  }
  return { replayed, last };
}
