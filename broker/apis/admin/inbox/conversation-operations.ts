/** Lists conversations, reads their messages and marks them as read or unread. */
import { formatId } from '../../../../shared/ids.ts';
import { markRead, markUnread } from '../../../core/inbox/read-marks.ts';
import type { Conversation } from '../../../core/model/conversation.ts';
import { notFound } from '../../../core/model/errors.ts';
import type { Message } from '../../../core/model/message.ts';
import type { ConversationFilter, Page } from '../../../core/ports/inbox.ts';
import type { Queries } from '../../../core/ports/store.ts';
import { splitPage } from '../../../http/pagination.ts';
import { idInPath } from '../../../http/request-schemas.ts';
import { type AdminOperation, adminOperation } from '../admin-operation.ts';
import { type AdminCaller, assertSignedIn } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { ConversationOptions } from '../options.ts';
import {
  type ConversationListBody,
  conversation,
  conversationList,
  conversationsQuery,
  groupChanges,
  type ReadBody,
  readBody,
  readResponse,
  type ThreadBody,
  type ThreadQuery,
  thread,
  threadQuery,
} from './conversation-schemas.ts';
import { serializeChanges, serializeConversations } from './conversation-serializers.ts';
import { serializeMessages } from './message-serializers.ts';

const UNREAD_MAX = 1_000;
/** The latest changes of a group in its thread. */
const CHANGES_MAX = 200;

/** A new group has no message. @throws HomingError `not_found` */
export async function conversationIn(
  queries: Queries,
  { tenant }: AdminCaller,
  shown: string | undefined,
): Promise<Conversation> {
  const found = await queries.conversations.find(tenant.id, idInPath('conv', shown, 'Conversation'));
  if (found === undefined || (found.latest === null && !found.isGroup)) throw notFound('Conversation');
  return found;
}

export function conversationOperations(options: ConversationOptions): AdminOperation[] {
  const { store, projector, context } = options;
  const { read } = store;
  const base = '/dashboard/api/:environment/conversations';

  return [
    adminOperation({
      id: 'listConversations',
      method: 'GET',
      path: base,
      summary: 'List conversations, latest activity first',
      permission: 'viewer',
      query: conversationsQuery,
      responses: { 200: { description: 'A page.', schema: conversationList }, 400: errorResponse },
      async handle({ caller: { tenant }, query: { filter, number, search, cursor, limit } }) {
        await projector.catchUp();
        const of = { tenantId: tenant.id, numberId: number, only: filter === 'all' ? undefined : filter };
        const page = { limit: limit + 1, before: cursor };
        const { found, matches } =
          search === undefined
            ? { found: await read.conversations.list(of, page), matches: new Map() }
            : await searchConversations(read, of, search, page);
        const { rows, last } = splitPage(found, limit);
        const body: ConversationListBody = {
          conversations: await serializeConversations(read, tenant, rows, matches),
          next: last?.latest ? formatId('msg', last.latest.id) : null,
          unread: await read.conversations.countUnread(tenant.id, UNREAD_MAX),
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'getConversation',
      method: 'GET',
      path: `${base}/:id`,
      summary: 'Get a conversation',
      permission: 'viewer',
      responses: { 200: { description: 'The conversation.', schema: conversation }, 404: errorResponse },
      async handle({ caller, params }) {
        await projector.catchUp();
        const found = await conversationIn(read, caller, params.id);
        const [body] = await serializeConversations(read, caller.tenant, [found]);
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'listConversationMessages',
      method: 'GET',
      path: `${base}/:id/messages`,
      summary: 'List the messages of a conversation, newest first',
      permission: 'viewer',
      query: threadQuery,
      responses: {
        200: { description: 'A page.', schema: thread },
        400: errorResponse,
        404: errorResponse,
      },
      async handle({ caller, params, query }) {
        await projector.catchUp();
        const found = await conversationIn(read, caller, params.id);
        const { messages, ...ends } = await readThread(read, found, query);
        const body: ThreadBody = {
          messages: await serializeMessages(options, caller.tenant, messages),
          ...ends,
        };
        return { status: 200, body };
      },
    }),
    adminOperation({
      id: 'listGroupChanges',
      method: 'GET',
      path: `${base}/:id/changes`,
      summary: 'List the latest changes of a group, newest first',
      permission: 'viewer',
      responses: { 200: { description: 'The changes.', schema: groupChanges }, 404: errorResponse },
      async handle({ caller, params }) {
        await projector.catchUp();
        const found = await conversationIn(read, caller, params.id);
        const changes = found.isGroup ? await read.groups.changesOf(found.id, CHANGES_MAX) : [];
        return { status: 200, body: await serializeChanges(read, caller.tenant, changes) };
      },
    }),
    adminOperation({
      id: 'markConversation',
      method: 'POST',
      path: `${base}/:id/read`,
      summary: 'Mark a conversation as read or unread',
      permission: 'member',
      body: readBody,
      responses: { 200: { description: 'Marked.', schema: readResponse }, 404: errorResponse },
      changes: ['conversations'],
      async handle({ caller, params, body: { isRead } }) {
        await projector.catchUp();
        const mark = isRead ? markRead : markUnread;
        // A conversation with many unread messages is marked in several transactions. Read marks are not in the audit
        // log: every look at a conversation sets one.
        const isComplete = () =>
          store.transaction(async (tx) => {
            const now = context.now();
            await assertSignedIn(tx, caller, now);
            return mark(tx, await conversationIn(tx, caller, params.id), now);
          });
        while (!(await isComplete()));
        const body: ReadBody = { unreadCount: (await conversationIn(read, caller, params.id)).unreadCount };
        return { status: 200, body };
      },
    }),
  ];
}

async function searchConversations(
  read: Queries,
  of: ConversationFilter,
  text: string,
  page: Page,
): Promise<{ found: Conversation[]; matches: Map<string, Message> }> {
  const hits = await read.search.conversations(of, text, page);
  const messageOf = new Map(hits.map(({ id, messageId }) => [id, messageId]));
  const ids = hits.flatMap(({ messageId }) => messageId ?? []);
  const messages = new Map(
    (await read.messages.findMany(of.tenantId, ids)).map((message) => [message.id, message]),
  );
  const matches = new Map<string, Message>();
  for (const [id, messageId] of messageOf) {
    const message = messages.get(messageId ?? '');
    if (message !== undefined) matches.set(id, message);
  }
  return { found: await read.conversations.findMany(of, [...messageOf.keys()], page), matches };
}

interface ThreadPart {
  messages: Message[];
  older: string | null;
  newer: string | null;
}

/** Reads one more message than the limit at each open end, which tells whether there are more. */
async function readThread(
  read: Queries,
  conversation: Conversation,
  { before, after, around, limit }: ThreadQuery,
): Promise<ThreadPart> {
  const older = (id: string | undefined, count: number) =>
    read.messages.thread(conversation, { limit: count, before: id });
  const newer = (id: string, count: number) =>
    read.messages.thread(conversation, { limit: count, after: id });
  const cursor = (isMore: boolean, message: Message | undefined) =>
    isMore && message !== undefined ? formatId('msg', message.id) : null;

  if (after !== undefined) {
    const found = await newer(after, limit + 1);
    const messages = found.slice(-limit);
    const isOlder = (await older(messages.at(-1)?.id ?? after, 1)).length > 0;
    return {
      messages,
      older: cursor(isOlder, messages.at(-1)),
      newer: cursor(found.length > limit, messages[0]),
    };
  }
  if (around !== undefined) {
    const half = Math.ceil(limit / 2);
    // The message itself is in the older part: ids below the next possible id.
    const below = await older(`${around}~`, half + 1);
    const above = await newer(around, half + 1);
    const messages = [...above.slice(-half), ...below.slice(0, half)];
    return {
      messages,
      older: cursor(below.length > half, messages.at(-1)),
      newer: cursor(above.length > half, messages[0]),
    };
  }
  const found = await older(before, limit + 1);
  const messages = found.slice(0, limit);
  const isNewer = before !== undefined && (await newer(messages[0]?.id ?? before, 1)).length > 0;
  return {
    messages,
    older: cursor(found.length > limit, messages.at(-1)),
    newer: cursor(isNewer, messages[0]),
  };
}
