/** Deletes history in small steps, so that sends go on between them. What is under way is never deleted. */
import { firstIdAt } from '../../../shared/ids.ts';
import { type ProjectionContext, projectMessages } from '../inbox/projections.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import type { Queries, Store } from '../ports/store.ts';

const STEP = 500;
/** A device that uploaded a file tells of its message right after; it may have to wait for a long outage. */
const UNCLAIMED_KEPT_MS = 30 * 24 * 3_600_000;
/** As long as an event can be replayed. */
const DELIVERIES_KEPT_MS = 30 * 24 * 3_600_000;
/** As long as somebody may ask what an assistant did. */
const TOOL_CALLS_KEPT_DAYS = 90;
const IDEMPOTENCY_KEPT_MS = 2 * 24 * 3_600_000;

/** Until a step finds nothing more. @returns how many all of them deleted. */
async function inSteps(store: Store, step: (tx: Queries) => Promise<number>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const some = await store.transaction(step);
    deleted += some;
    if (some === 0) return deleted;
  }
}

/** Deletes messages created before the time (epoch ms) with their timelines. @returns how many. */
export async function purgeHistory(
  store: Store,
  before: number,
  context: ProjectionContext,
): Promise<number> {
  const deleted = await inSteps(store, (tx) => purgeStep(tx, firstIdAt(before), context));
  await store.transaction((tx) => tx.idempotency.purge(before - IDEMPOTENCY_KEPT_MS));
  return deleted;
}

async function purgeStep(tx: Queries, beforeId: string, context: ProjectionContext): Promise<number> {
  const messages = await tx.messages.finishedBefore(beforeId, STEP);
  await projectMessages(tx, await tx.projections.of(messages), context);
  const shown = messages.filter(({ deletedAt }) => deletedAt === null);
  const byConversation = Map.groupBy(shown, (message) => conversationId(conversationOf(message)));
  for (const [id, own] of byConversation) {
    const ids = own.map((message) => message.id);
    const unread = own.filter(({ isUnread }) => isUnread).length;
    await tx.conversations.remove(id, { ids, unread }, context.now);
    await tx.projections.countTexts(own[0]!.numberId, ids, -1);
  }
  for (const message of messages) {
    await tx.search.remove(message);
    await tx.messages.remove(message);
  }
  for (const id of byConversation.keys()) await tx.conversations.removeIfEmpty(id);
  return messages.length;
}

/** Deletes what webhooks were told longer ago than a month. @returns how many rows. */
export async function purgeDeliveries(store: Store, now: number): Promise<number> {
  const deleted = await inSteps(store, (tx) =>
    tx.deliveries.purge(firstIdAt(now - DELIVERIES_KEPT_MS), STEP),
  );
  return deleted + (await store.transaction((tx) => tx.webhooks.purgeCallbacks(now - DELIVERIES_KEPT_MS)));
}

/**
 * Deletes what assistants had done longer ago than 90 days, or than messages are kept for: the parameters of a call
 * have texts and numbers in them. @returns how many.
 */
export async function purgeAuditLog(store: Store, now: number, retentionDays: number): Promise<number> {
  const days = retentionDays === 0 ? TOOL_CALLS_KEPT_DAYS : Math.min(TOOL_CALLS_KEPT_DAYS, retentionDays);
  const beforeId = firstIdAt(now - days * 86_400_000);
  return inSteps(store, (tx) => tx.auditLog.purge(beforeId, STEP));
}

/** Deletes uploads that no message ever came for. @returns how many. */
export async function purgeUnclaimedMedia(store: Store, now: number): Promise<number> {
  const before = now - UNCLAIMED_KEPT_MS;
  return inSteps(store, (tx) => tx.media.purgeUnclaimed(before, firstIdAt(before), STEP));
}
