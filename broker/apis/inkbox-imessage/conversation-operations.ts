/** Lists, reads and marks conversations, and shows that you are typing. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { firstIdAt, formatUuid, readUuid } from '../../../shared/ids.ts';
import { type Caller, changeAs } from '../../core/accounts/caller.ts';
import { markAll } from '../../core/inbox/read-marks.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { type Operation, operation } from '../../http/operation.ts';
import { errorResponses } from '../inkbox/errors.ts';
import { findBlockedConversation, listBlockedConversations } from './blocked-conversations.ts';
import {
  conversationBody,
  conversationRow,
  conversationSchema,
  emptyObject,
  readMark,
} from './conversation-schemas.ts';
import { serializeConversation, serializeConversationRow } from './conversation-serializers.ts';
import type { InkboxImessageOptions } from './options.ts';
import { conversationsQuery } from './query-schemas.ts';
import { boundsOf } from './time-range.ts';

const CONVERSATION_ID = '019fb2b9-3a5d-7e4e-b36a-3f73d2b6c1a5';
/** Maximum number of conversations that one step reads. Other requests are served between the steps. */
const STEP = 200;

/** Also finds a conversation that has only messages of blocked senders. @throws HomingError `not_found` */
export async function findConversation(
  { projector }: Pick<InkboxImessageOptions, 'projector'>,
  read: Queries,
  { credential }: Caller,
  shown: string | undefined,
): Promise<Conversation> {
  const id = readUuid(shown ?? '');
  if (id === undefined) throw notFound('Conversation');
  await projector.catchUp();
  const tenantId = credential.tenant.id;
  const found = (await inInbox(read, tenantId, id)) ?? (await findBlockedConversation(read, tenantId, id));
  return assertFound(found);
}

async function inInbox(read: Queries, tenantId: number, id: string): Promise<Conversation | undefined> {
  const found = await read.conversations.find(tenantId, id);
  // A conversation whose messages were all deleted is shown only if it is a group.
  return found !== undefined && (found.latest !== null || found.isGroup) ? found : undefined;
}

function assertFound(conversation: Conversation | undefined): Conversation {
  if (conversation === undefined) throw notFound('Conversation');
  return conversation;
}

interface ListFilter {
  isBlocked: boolean | undefined;
  omitsGroups: boolean;
  /** Times of the latest message (epoch ms). */
  since: number | undefined;
  until: number | undefined;
}

/** Latest activity first. */
async function conversationsAt(
  read: Queries,
  tenantId: number,
  { isBlocked, omitsGroups, since, until }: ListFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<Conversation[]> {
  const oldest = since === undefined ? '' : firstIdAt(since);
  const newest = until === undefined ? undefined : firstIdAt(until);
  if (isBlocked === true) {
    const range = { omitsGroups, from: oldest, before: newest };
    return listBlockedConversations(read, tenantId, range, { limit, offset });
  }
  const found: Conversation[] = [];
  let skip = offset;
  let before = newest;
  for (;;) {
    const rows = await read.conversations.list({ tenantId }, { limit: STEP, before });
    const inRange = rows.filter(({ latest }) => (latest?.id ?? '') >= oldest);
    const handles = inRange.filter(({ isGroup }) => !isGroup).map(({ recipient }) => recipient);
    const blocked =
      isBlocked === undefined ? undefined : await read.senderRules.filterBlocked(tenantId, handles);
    const matching = inRange.filter(
      ({ isGroup, recipient }) => !(isGroup && omitsGroups) && !blocked?.has(recipient),
    );
    found.push(...matching.slice(skip, skip + limit - found.length));
    skip -= Math.min(skip, matching.length);
    if (found.length >= limit || rows.length < STEP || inRange.length < rows.length) return found;
    before = rows.at(-1)?.latest?.id;
    await nextTurn();
  }
}

export function conversationOperations(options: InkboxImessageOptions): Operation<Caller>[] {
  const { store, projector, context, signal } = options;
  return [
    operation({
      id: 'listConversations',
      method: 'GET',
      path: '/conversations',
      summary: 'List conversations, latest activity first',
      permission: 'messages:read',
      query: conversationsQuery,
      responses: {
        200: { description: 'A page of conversations.', schema: conversationRow.array() },
        ...errorResponses,
      },
      example: { query: { limit: '20', include_groups: 'true' } },
      async handle({ caller, query }) {
        const { is_blocked, include_groups, limit, offset } = query;
        await projector.catchUp();
        const filter = {
          isBlocked: is_blocked,
          omitsGroups: include_groups !== true,
          ...boundsOf(query),
        };
        const found = await conversationsAt(store.read, caller.credential.tenant.id, filter, {
          limit,
          offset,
        });
        return {
          status: 200,
          body: found.flatMap((conversation) =>
            conversation.latest === null ? [] : [serializeConversationRow(conversation, conversation.latest)],
          ),
        };
      },
    }),
    operation({
      id: 'getConversation',
      method: 'GET',
      path: '/conversations/:id',
      summary: 'Get a conversation',
      permission: 'messages:read',
      responses: {
        200: { description: 'The conversation.', schema: conversationSchema },
        ...errorResponses,
      },
      example: { params: { id: CONVERSATION_ID } },
      async handle({ caller, params }) {
        const found = await findConversation(options, store.read, caller, params.id);
        return { status: 200, body: serializeConversation(found) };
      },
    }),
    operation({
      id: 'markRead',
      method: 'POST',
      path: '/mark-read',
      summary: 'Mark the messages of a conversation as read',
      // Reading alone must not change what other clients see as unread.
      permission: 'messages:send',
      body: conversationBody,
      responses: {
        200: {
          description: 'Marked. The sender gets a read receipt if a connected device can send it.',
          schema: readMark,
        },
        ...errorResponses,
      },
      example: { body: { conversation_id: CONVERSATION_ID } },
      async handle({ caller, body: { conversation_id } }) {
        const { tenant } = caller.credential;
        const shown = formatUuid(conversation_id);
        const conversation = await findConversation(options, store.read, caller, shown);
        // Messages of blocked senders are never unread, and these senders get no read receipt.
        if ((await inInbox(store.read, tenant.id, conversation_id)) === undefined) {
          return { status: 200, body: { conversation_id: shown, updated_count: 0 } };
        }
        const updated = await markAll(
          (step) => changeAs(store, caller, step),
          conversation,
          true,
          context.now,
        );
        await signal(tenant, conversation, { kind: 'read' });
        return { status: 200, body: { conversation_id: shown, updated_count: updated } };
      },
    }),
    operation({
      id: 'showTyping',
      method: 'POST',
      path: '/typing',
      summary: 'Show that you are typing',
      permission: 'messages:send',
      body: conversationBody,
      responses: {
        200: {
          description: 'Sent to the device. Has no effect if no connected device can show typing.',
          schema: emptyObject,
        },
        ...errorResponses,
      },
      example: { body: { conversation_id: CONVERSATION_ID } },
      async handle({ caller, body: { conversation_id } }) {
        const { tenant } = caller.credential;
        await projector.catchUp();
        const conversation = assertFound(await inInbox(store.read, tenant.id, conversation_id));
        await signal(tenant, conversation, { kind: 'typing', state: 'start' });
        return { status: 200, body: {} };
      },
    }),
  ];
}
