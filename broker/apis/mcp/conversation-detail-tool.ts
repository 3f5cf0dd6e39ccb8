/** Returns a conversation with everything in it: senders, reactions, replies, edits and group changes. */
import { z } from 'zod';
import { notFound } from '../../core/model/errors.ts';
import type { Message } from '../../core/model/message.ts';
import { cutPage, pageEnd } from '../../http/pagination.ts';
import { formatTime } from '../../http/timestamps.ts';
import { messageCursor, page, UNTRUSTED } from './conversation-tools.ts';
import {
  conversationDetailSchema,
  detailMessageSchema,
  groupChangeSchema,
  namesSchema,
} from './detail-schemas.ts';
import { conversationParameters, findConversation } from './find-conversation.ts';
import type { ToolOptions } from './options.ts';
import { serializeConversationDetail, serializeDetailMessage } from './serializers.ts';
import { type AnyTool, LOOK_UP_TIMEOUT_MS, tool } from './tool.ts';

const CHANGES_SHOWN = 50;

export function conversationDetailTool({ store: { read }, projector }: ToolOptions): AnyTool {
  const namesOf = async (tenantId: number, handles: readonly string[]) => {
    const names: Record<string, string> = {};
    for (const handle of new Set(handles)) {
      const contact = await read.contacts.findByHandle(tenantId, handle);
      if (contact?.name != null) names[handle] = contact.name;
    }
    return names;
  };
  const withEdits = async (message: Message) => {
    const edits = message.editedAt === null ? [] : await read.messageEdits.ofMessage(message.id);
    return serializeDetailMessage(message, edits);
  };

  return tool({
    name: 'conversations.get',
    title: 'Get a conversation with everything in it',
    description: `Returns a conversation with its messages, newest first, and for each message its sender, reactions, reply, effect, earlier texts and unsending; for a group also the changes of its name and members. conversations.read is shorter if only the texts matter. Use its ids for messages.react, messages.edit, messages.unsend and reply_to. Does not mark messages as read. ${UNTRUSTED}`,
    input: conversationParameters(page),
    output: z.object({
      conversation: conversationDetailSchema.describe('The conversation.'),
      names: namesSchema,
      messages: z.array(detailMessageSchema).describe('The messages of this page.'),
      changes: z
        .array(groupChangeSchema)
        .describe('The latest changes of the group, newest first; empty: not a group, or none.'),
      ...pageEnd,
    }),
    scopes: ['messages:read'],
    timeoutMs: LOOK_UP_TIMEOUT_MS,
    isReadOnly: true,
    example: { phone_number: '+15005550014' },
    async run(caller, { limit, cursor, ...reference }) {
      const before = messageCursor(cursor);
      await projector.catchUp();
      const asked = await findConversation(read, caller, reference);
      const { id: tenantId } = caller.tenant;
      const number = await read.numbers.find(tenantId, asked.numberId);
      if (number === undefined) throw notFound('Conversation');
      const found = await read.messages.thread(asked, { limit: limit + 1, before });
      const { rows, end } = cutPage('msg', found, limit);
      const changes = asked.isGroup ? await read.groups.changesOf(asked.id, CHANGES_SHOWN) : [];
      // The conversation that is read after them contains all of them.
      await projector.catchUp();
      const conversation = (await read.conversations.find(tenantId, asked.id)) ?? asked;
      const names = await namesOf(tenantId, [
        ...conversation.participants,
        ...rows.filter(({ direction }) => direction === 'inbound').map(({ handle }) => handle),
      ]);
      const name = conversation.isGroup ? null : (names[conversation.recipient] ?? null);
      return {
        conversation: serializeConversationDetail(conversation, number.phoneNumber, name),
        names,
        messages: await Promise.all(rows.map(withEdits)),
        changes: changes.map(({ kind, actor, value, at }) => ({ kind, actor, value, at: formatTime(at) })),
        ...end,
      };
    },
  });
}
