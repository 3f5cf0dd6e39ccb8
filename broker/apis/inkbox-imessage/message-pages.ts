/** Reads pages of messages by offset, and serializes messages with their groups and receipts. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import type { MessagePageFilter } from '../../core/ports/inbox.ts';
import type { Queries } from '../../core/ports/store.ts';
import { LINK_MS } from '../inkbox/serializers.ts';
import type { InkboxImessageOptions } from './options.ts';
import { serializeMessage } from './serializers.ts';

/** Maximum number of messages that one step reads. Other requests are served between the steps. */
const STEP = 500;

/** Newest first. */
export async function messagesAt(
  read: Queries,
  tenantId: number,
  filter: MessagePageFilter,
  { limit, offset }: { limit: number; offset: number },
): Promise<Message[]> {
  const found: Message[] = [];
  let skip = offset;
  let before: string | undefined;
  for (;;) {
    const wanted = Math.min(STEP, skip + limit - found.length);
    const { messages, next } = await read.messages.browse(tenantId, filter, { limit: wanted, before });
    found.push(...messages.slice(skip));
    skip -= Math.min(skip, messages.length);
    if (found.length >= limit || next === undefined) return found;
    before = next;
    await nextTurn();
  }
}

type SerializerOptions = Pick<InkboxImessageOptions, 'store' | 'context' | 'linkTo'>;

/** Reads the groups and the receipts of all messages together. */
export async function serializeMessages(
  { store: { read }, context, linkTo }: SerializerOptions,
  messages: readonly Message[],
) {
  const conversationIdOf = (message: Message) => conversationId(conversationOf(message));
  const inGroups = messages.filter(({ chat }) => chat !== null);
  const groups = await read.groups.ofConversations([...new Set(inGroups.map(conversationIdOf))]);
  const sent = inGroups.filter(({ direction }) => direction === 'outbound');
  const receipts = sent.length === 0 ? undefined : await read.receipts.ofMessages(sent.map(({ id }) => id));
  const until = context.now() + LINK_MS;
  return messages.map((message) =>
    serializeMessage(message, {
      group: message.chat === null ? undefined : groups.get(conversationIdOf(message)),
      receipts: receipts?.get(message.id) ?? [],
      urlOf: ({ id }) => linkTo(id, until),
    }),
  );
}
