/**
 * Deletes expired history in small transactions, so that sends are not delayed. Queued and leased messages are never
 * deleted.
 */
import { firstIdAt } from '../../../shared/ids.ts';
import { type ProjectionContext, projectMessages } from '../inbox/projections.ts';
import { calendarDay } from '../model/calendar.ts';
import { conversationId, conversationOf } from '../model/conversation.ts';
import { LOOKUP_MAX_MS } from '../model/lookup.ts';
import type { Message } from '../model/message.ts';
import { firstKeptHour } from '../model/statistics.ts';
import type { Queries, Store } from '../ports/store.ts';
import { IDEMPOTENCY_WINDOW_MS } from './send-request.ts';

const DAY_MS = 86_400_000;
/** Maximum number of rows that one transaction deletes. The event loop runs between two transactions. */
const STEP = 100;
/** A device reports the message right after the upload, but an outage may delay the report. */
const UNCLAIMED_RETENTION_MS = 30 * DAY_MS;
/** Also the period in which events can be replayed. */
export const EVENTS_RETENTION_DAYS = 30;
export const AUDIT_LOG_RETENTION_DAYS = 90;
/** Of status callbacks that no message uses, devices that never connected, items without a message, and ended sessions. */
const UNUSED_RETENTION_MS = 30 * DAY_MS;
/** Used and expired codes stay for this time, so that their error can name the cause. */
const PAIRINGS_RETENTION_MS = DAY_MS;
/** Longer than every window of a limit. */
const PACE_RETENTION_MS = 25 * 3_600_000;
const RATE_WINDOWS_RETENTION_MS = DAY_MS;
/** Longer than a run may last. */
const SHORTCUT_RUNS_RETENTION_MS = DAY_MS;
const DAILY_USAGE_RETENTION_MS = 90 * DAY_MS;
const MEMBER_CHANGES_RETENTION_MS = 400 * DAY_MS;

/** Repeats the step until it deletes nothing. Returns the total number of deletions. */
async function inSteps(store: Store, step: (tx: Queries) => Promise<number>): Promise<number> {
  let deleted = 0;
  for (;;) {
    const count = await store.transaction(step);
    deleted += count;
    if (count === 0) return deleted;
  }
}

interface Part {
  deleted: number;
  /** Where the next part begins; undefined at the end. */
  next: string | undefined;
}

/** Runs the step for each part of a list. Rows that are kept are examined once. Returns the total number of deletions. */
async function inParts(store: Store, step: (tx: Queries, after: string) => Promise<Part>): Promise<number> {
  let deleted = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const from = after;
    const part: Part = await store.transaction((tx) => step(tx, from));
    deleted += part.deleted;
    after = part.next;
  }
  return deleted;
}

/**
 * Deletes messages created before the time (epoch ms) with their timelines, reactions and changes of groups. Returns the number of messages.
 */
export async function purgeHistory(
  store: Store,
  before: number,
  context: ProjectionContext,
): Promise<number> {
  const inMonths = await store.deleteMonths(before, context.now);
  const others = await inSteps(store, (tx) => purgeStep(tx, firstIdAt(before), context));
  await inSteps(store, (tx) => tx.idempotency.purgeLasting(before, STEP));
  await inSteps(store, (tx) => tx.reactions.purge(before, STEP));
  await inSteps(store, (tx) => tx.groups.purgeChanges(before, STEP));
  return inMonths + others;
}

async function purgeStep(tx: Queries, beforeId: string, context: ProjectionContext): Promise<number> {
  const messages = await tx.messages.finishedBefore(beforeId, STEP);
  await deleteMessages(tx, messages, context);
  return messages.length;
}

/** Deletes finished messages, and corrects the counts and the search index. */
export async function deleteMessages(
  tx: Queries,
  messages: readonly Message[],
  context: ProjectionContext,
): Promise<void> {
  await projectMessages(tx, await tx.projections.of(messages), context);
  const visible = messages.filter(({ deletedAt }) => deletedAt === null);
  const byConversation = Map.groupBy(visible, (message) => conversationId(conversationOf(message)));
  for (const [id, removed] of byConversation) {
    const unread = removed.filter(({ isUnread }) => isUnread).length;
    await tx.conversations.remove(id, { ids: idsOf(removed), unread }, context.now);
  }
  for (const [numberId, removed] of Map.groupBy(visible, (message) => message.numberId)) {
    await tx.projections.countTexts(numberId, idsOf(removed), -1);
  }
  for (const message of messages) {
    await tx.search.remove(message);
    await tx.messages.remove(message);
  }
  for (const id of byConversation.keys()) await tx.conversations.removeIfEmpty(id);
}

const idsOf = (messages: readonly Message[]) => messages.map(({ id }) => id);

/** Rows with texts and numbers are not kept longer than messages. `retentionDays` is 0 if messages are kept forever. */
function firstKeptId(now: number, days: number, retentionDays: number): string {
  return firstIdAt(now - (retentionDays === 0 ? days : Math.min(days, retentionDays)) * DAY_MS);
}

/**
 * Deletes events and finished deliveries older than 30 days, or older than the retention of messages if that is shorter.
 * Returns the number of deleted rows.
 */
export async function purgeDeliveries(store: Store, now: number, retentionDays: number): Promise<number> {
  const beforeId = firstKeptId(now, EVENTS_RETENTION_DAYS, retentionDays);
  const deliveries = await inSteps(store, (tx) => tx.deliveries.purge(beforeId, STEP));
  const events = await inParts(store, (tx, after) => tx.events.purge({ after, beforeId, limit: STEP }));
  const before = now - UNUSED_RETENTION_MS;
  const callbacks = await inSteps(store, (tx) => tx.webhooks.purgeCallbacks(before, STEP));
  return deliveries + events + callbacks;
}

/**
 * Deletes audit log entries older than 90 days, or older than the retention of messages if that is shorter. Returns the
 * number of entries.
 */
export async function purgeAuditLog(store: Store, now: number, retentionDays: number): Promise<number> {
  const beforeId = firstKeptId(now, AUDIT_LOG_RETENTION_DAYS, retentionDays);
  return inSteps(store, (tx) => tx.auditLog.purge(beforeId, STEP));
}

/** Deletes devices that did not connect within 30 days, and codes that expired a day ago. Returns the number of devices. */
export async function purgeDevices(store: Store, now: number): Promise<number> {
  await inSteps(store, (tx) => tx.devices.purgePairings(now - PAIRINGS_RETENTION_MS, STEP));
  return inSteps(store, (tx) => tx.devices.purgeUnconnected(now - UNUSED_RETENTION_MS, STEP));
}

/**
 * Deletes daily message counts older than 90 days, hourly ones older than 31 days, and the windows and dispatches that no
 * limit counts. Returns the number of rows.
 */
export async function purgeCounters(store: Store, now: number): Promise<number> {
  const { day } = calendarDay(now - DAILY_USAGE_RETENTION_MS);
  const days = await inSteps(store, (tx) => tx.usage.purgeDays(day, STEP));
  const hours = await inSteps(store, (tx) => tx.statistics.purge(firstKeptHour(now), STEP));
  const windows = await inSteps(store, (tx) => tx.rateWindows.purge(now - RATE_WINDOWS_RETENTION_MS, STEP));
  return (
    days + hours + windows + (await inSteps(store, (tx) => tx.pace.purgeAll(now - PACE_RETENTION_MS, STEP)))
  );
}

/**
 * Deletes expired challenges of passkeys, ended sessions and links of members after 30 days, and removed members and the audit log of the dashboard after
 * 400 days. Returns the number of rows.
 */
export async function purgeMembers(store: Store, now: number): Promise<number> {
  const ended = now - UNUSED_RETENTION_MS;
  const audited = now - MEMBER_CHANGES_RETENTION_MS;
  const steps: Array<(tx: Queries) => Promise<number>> = [
    (tx) => tx.memberSessions.purge(ended, STEP),
    (tx) => tx.signInLinks.purge(ended, STEP),
    (tx) => tx.passkeyChallenges.purge(now, STEP),
    (tx) => tx.memberChanges.purge(firstIdAt(audited), STEP),
    (tx) => tx.members.purgeRemoved(audited, STEP),
  ];
  let deleted = 0;
  for (const step of steps) deleted += await inSteps(store, step);
  return deleted;
}

/** Deletes idempotency keys that are older than 24 hours. Returns the number of keys. */
export async function purgeIdempotencyKeys(store: Store, now: number): Promise<number> {
  return inSteps(store, (tx) => tx.idempotency.purgeExpiring(now - IDEMPOTENCY_WINDOW_MS, STEP));
}

/** Deletes items of devices whose message never arrived. Returns the number of items. */
export async function purgePendingItems(store: Store, now: number): Promise<number> {
  return inSteps(store, (tx) => tx.pendingItems.purge(now - UNUSED_RETENTION_MS, STEP));
}

/** Deletes expired results of look-ups. Returns the number of results. */
export async function purgeLookups(store: Store, now: number): Promise<number> {
  return inSteps(store, (tx) => tx.lookups.purge(now - LOOKUP_MAX_MS, STEP));
}

/** Deletes runs of shortcuts that started more than 24 hours ago. Returns the number of runs. */
export async function purgeShortcutRuns(store: Store, now: number): Promise<number> {
  return inSteps(store, (tx) => tx.shortcutRuns.purge(now - SHORTCUT_RUNS_RETENTION_MS, STEP));
}

/** Deletes requests to devices without a response that was read. Returns the number of requests. */
export async function purgeDeviceRequests(store: Store, now: number): Promise<number> {
  return inSteps(store, (tx) => tx.deviceRequests.purge(now - DAY_MS, STEP));
}

/** Deletes groups that were created by request and have no message. Returns the number of groups. */
export async function purgeUnusedGroups(store: Store, now: number): Promise<number> {
  return inSteps(store, (tx) => tx.groups.purgeUnused(now - UNUSED_RETENTION_MS, STEP));
}

/** Deletes uploads without a message, and the bytes of interrupted uploads. Returns the number of both. */
export async function purgeUnclaimedMedia(store: Store, now: number): Promise<number> {
  const before = now - UNCLAIMED_RETENTION_MS;
  const uploads = await inSteps(store, (tx) => tx.media.purgeUnclaimed(before, STEP));
  const beforeId = firstIdAt(before);
  return (
    uploads + (await inParts(store, (tx, after) => tx.media.purgeOrphans({ after, beforeId, limit: STEP })))
  );
}

/** Does the nightly work of the database in small steps, for example returns the space of deleted rows to the file system. */
export async function maintainDatabase(store: Store, now: number): Promise<void> {
  let hasMore = true;
  while (hasMore) hasMore = await store.maintain(now);
}
