/**
 * Finds the conversations of blocked senders.
 *
 * - A conversation with messages in the inbox is found by the sender rules.
 * - A conversation with only blocked messages is in no projection. It is derived from the newest `EXAMINED_MAX` blocked
 *   messages, also after the sender was unblocked. Its counts are limited to these messages.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Conversation, type ConversationKey, conversationId } from '../../core/model/conversation.ts';
import type { Queries } from '../../core/ports/store.ts';

const EXAMINED_MAX = 10_000;
/** Maximum number of rows that one step reads. Other requests are served between the steps. */
const STEP = 1_000;

/** The blocked messages of one conversation. */
interface BlockedThread extends ConversationKey {
  id: string;
  latestId: string;
  count: number;
  /** Time of the oldest message (epoch ms). */
  createdAt: number;
}

/** Returns a conversation of which only messages of blocked senders exist; undefined: not among the newest messages. */
export async function findBlockedConversation(
  read: Queries,
  tenantId: number,
  id: string,
): Promise<Conversation | undefined> {
  const thread = (await blockedThreads(read, tenantId)).find((one) => one.id === id);
  return thread && (await conversationsFrom(read, tenantId, [thread]))[0];
}

export interface BlockedFilter {
  omitsGroups: boolean;
  /** The id of the latest message is at least `from`, and less than `before`. */
  from: string;
  before: string | undefined;
}

/** Latest activity first. */
export async function listBlockedConversations(
  read: Queries,
  tenantId: number,
  { omitsGroups, from, before }: BlockedFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<Conversation[]> {
  const isWanted = (latestId: string) => latestId >= from && (before === undefined || latestId < before);
  const page = { limit: offset + limit, before };
  const inInbox = await ofBlockedSenders(read, tenantId, page);
  const threads = (await blockedThreads(read, tenantId)).filter(
    ({ latestId, isGroup }) => isWanted(latestId) && !(isGroup && omitsGroups),
  );
  const visible = await visibleAmong(read, tenantId, threads);
  const all = [
    ...inInbox.flatMap((row) => (row.latest === null ? [] : { latestId: row.latest.id, row })),
    ...threads.filter(({ id }) => !visible.has(id)).map((thread) => ({ latestId: thread.latestId, thread })),
  ];
  const shown = all
    .filter(({ latestId }) => isWanted(latestId))
    .sort((a, b) => (a.latestId < b.latestId ? 1 : -1))
    .slice(offset, offset + limit);
  const blocked = shown.flatMap((one) => ('thread' in one ? one.thread : []));
  const derived = (await conversationsFrom(read, tenantId, blocked)).values();
  return shown.flatMap((one) => ('row' in one ? one.row : (derived.next().value ?? [])));
}

/** Returns the conversations with messages in the inbox whose sender is blocked now. Latest activity first. */
async function ofBlockedSenders(
  read: Queries,
  tenantId: number,
  page: { limit: number; before: string | undefined },
): Promise<Conversation[]> {
  const numbers = await read.numbers.list(tenantId);
  let found: Conversation[] = [];
  let after: string | undefined;
  for (;;) {
    const rules = await read.senderRules.list(tenantId, { limit: STEP, after, action: 'block' });
    const handles = rules.map(({ handle }) => handle);
    for (const { id: numberId } of numbers) {
      const ids = handles.map((recipient) => conversationId({ numberId, recipient }));
      const rows = ids.length === 0 ? [] : await read.conversations.findMany({ tenantId }, ids, page);
      const sorted = [...found, ...rows].sort((a, b) => (latestIdOf(a) < latestIdOf(b) ? 1 : -1));
      found = rows.length === 0 ? found : sorted.slice(0, page.limit);
      await nextTurn();
    }
    if (rules.length < STEP) return found;
    after = rules.at(-1)?.handle;
  }
}

const latestIdOf = ({ latest }: Conversation) => latest?.id ?? '';

/** Returns the ids of the conversations that have messages in the inbox. */
async function visibleAmong(
  read: Queries,
  tenantId: number,
  threads: readonly BlockedThread[],
): Promise<Set<string>> {
  const visible = new Set<string>();
  for (let start = 0; start < threads.length; start += STEP) {
    const ids = threads.slice(start, start + STEP).map(({ id }) => id);
    const rows = await read.conversations.findMany({ tenantId }, ids, { limit: STEP });
    for (const { id } of rows) visible.add(id);
    await nextTurn();
  }
  return visible;
}

/** Latest activity first. */
async function blockedThreads(read: Queries, tenantId: number): Promise<BlockedThread[]> {
  const threads = new Map<string, BlockedThread>();
  let before: string | undefined;
  for (let examined = 0; examined < EXAMINED_MAX; examined += STEP) {
    const rows = await read.messages.blocked(tenantId, { limit: STEP, before });
    for (const { id: latestId, createdAt, conversation } of rows) {
      const key = `${conversation.numberId} ${conversation.recipient}`;
      const known = threads.get(key);
      if (known === undefined) {
        const id = conversationId(conversation);
        threads.set(key, { ...conversation, id, latestId, count: 1, createdAt });
      } else {
        known.count += 1;
        known.createdAt = Math.min(known.createdAt, createdAt);
      }
    }
    if (rows.length < STEP) break;
    before = rows.at(-1)?.id;
    await nextTurn();
  }
  return [...threads.values()];
}

/** In the order of the threads. Omits threads whose latest message was deleted meanwhile. */
async function conversationsFrom(
  read: Queries,
  tenantId: number,
  threads: readonly BlockedThread[],
): Promise<Conversation[]> {
  const found = await read.messages.findMany(
    tenantId,
    threads.map(({ latestId }) => latestId),
  );
  const messages = new Map(found.map((message) => [message.id, message]));
  const inGroups = threads.filter(({ isGroup }) => isGroup).map(({ id }) => id);
  const groups = await read.groups.ofConversations(inGroups);
  return threads.flatMap(({ latestId, count, ...thread }) => {
    const latest = messages.get(latestId);
    if (latest === undefined) return [];
    const group = groups.get(thread.id) ?? null;
    const participants = group?.participants ?? [latest.handle];
    const counts = { unreadCount: 0, totalCount: count };
    return { ...thread, group, participants, latest, ...counts, updatedAt: latest.createdAt };
  });
}
