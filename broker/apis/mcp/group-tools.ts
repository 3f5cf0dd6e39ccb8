/** Creates groups. */
import { z } from 'zod';
import { notFound } from '../../core/model/errors.ts';
import { GROUP_NAME_MAX } from '../../core/model/group-chat.ts';
import { messageText, phoneNumber } from '../../http/request-schemas.ts';
import { conversationDetailSchema } from './detail-schemas.ts';
import { sandboxError } from './message-tools.ts';
import type { ToolOptions } from './options.ts';
import { participantHandles } from './send-tool.ts';
import { serializeConversationDetail } from './serializers.ts';
import { type AnyTool, parameters, SEND_TIMEOUT_MS, tool } from './tool.ts';

export function groupTools({ store: { read }, acceptOptions }: ToolOptions): AnyTool[] {
  return [
    tool({
      name: 'groups.create',
      title: 'Create a group',
      description:
        'Creates a group conversation of the account’s number with 2 to 31 participants. Sends nothing: the participants see the group with its first message, by messages.send with the conversation_id. For a group without a name, messages.send with participants is enough.',
      input: parameters({
        participants: participantHandles,
        name: messageText('name', GROUP_NAME_MAX).describe('Name of the group; default: none.').optional(),
        from: phoneNumber('from')
          .describe('Number of this account; default: its oldest number that can send.')
          .optional(),
      }),
      output: z.object({ conversation: conversationDetailSchema.describe('The new conversation.') }),
      scopes: ['messages:write'],
      timeoutMs: SEND_TIMEOUT_MS,
      isReadOnly: false,
      example: { participants: ['+15005550014', '+15005550040'], name: 'Friday' },
      async run(caller, { participants, name = null, from }) {
        for (const handle of participants) {
          const error = sandboxError(caller, acceptOptions, handle);
          if (error !== undefined) throw error;
        }
        const distinct = [...new Set(participants)];
        const group = await caller.openGroup({
          ...{ phoneNumber: from, numberField: 'from', participants: distinct, name },
        });
        const { id: tenantId } = caller.tenant;
        const conversation = await read.conversations.find(tenantId, group.conversationId);
        const number = await read.numbers.find(tenantId, group.numberId);
        if (conversation === undefined || number === undefined) throw notFound('Conversation');
        return { conversation: serializeConversationDetail(conversation, number.phoneNumber, null) };
      },
    }),
  ];
}
