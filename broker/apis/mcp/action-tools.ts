/** Reacts to messages, edits and unsends them. */

import { z } from 'zod';
import { isTapback, TAPBACKS } from '../../../shared/capabilities.ts';
import { parseId } from '../../../shared/ids.ts';
import type { ActionRequest } from '../../core/messages/action-rules.ts';
import { ownReactionId } from '../../core/messages/own-reaction.ts';
import { conflict, notFound } from '../../core/model/errors.ts';
import { isEmoji } from '../../core/model/reaction.ts';
import { messageText, requiredText } from '../../http/request-schemas.ts';
import { BODY_MAX_CHARACTERS } from './message-tools.ts';
import type { ToolOptions } from './options.ts';
import { actionSchema } from './schemas.ts';
import { serializeAction } from './serializers.ts';
import { type AnyTool, parameters, SEND_TIMEOUT_MS, type ToolCaller, tool } from './tool.ts';

const EXAMPLE_ID = 'msg_01m7ypkdxffkmb6tyeck3vccad';
const PART_MAX = 1_000;
const partError = `'part' must be a whole number from 0 to ${PART_MAX}.`;
const LATER = 'The result has the status queued; conversations.get shows the message afterwards.';

const messageId = requiredText('message_id').describe('Id of the message, from conversations.get.');
const output = z.object({ action: actionSchema.describe('The queued action.') });

export function actionTools({ store: { read } }: ToolOptions): AnyTool[] {
  const find = async ({ tenant }: ToolCaller, shown: string) => {
    const id = parseId('msg', shown);
    const found = id === undefined ? undefined : await read.messages.find(tenant.id, id);
    if (found === undefined) throw notFound('Message');
    return found;
  };
  const act = async (caller: ToolCaller, request: ActionRequest) => {
    const message = await caller.act(request);
    if (message === null) throw notFound('Message');
    return { action: serializeAction(message) };
  };
  const shared = {
    output,
    scopes: ['messages:write'],
    timeoutMs: SEND_TIMEOUT_MS,
    isReadOnly: false,
  } as const;

  return [
    tool({
      ...shared,
      name: 'messages.react',
      title: 'React to a message',
      description: `Adds a reaction (tapback) of the account’s number to a message: love, like, dislike, laugh, emphasize, question, or one emoji. A new reaction replaces the earlier one. With remove, removes this reaction. The recipient sees it: ask the user first. ${LATER}`,
      input: parameters({
        message_id: messageId,
        reaction: requiredText('reaction')
          .refine((text) => isTapback(text) || isEmoji(text), {
            error: `'reaction' must be one of: ${TAPBACKS.join(', ')}, or one emoji.`,
          })
          .describe('love, like, dislike, laugh, emphasize or question, or one emoji.'),
        part: z
          .int({ error: partError })
          .min(0, { error: partError })
          .max(PART_MAX, { error: partError })
          .default(0)
          .describe('The text or file of the message, counted from 0.'),
        remove: z
          .boolean({ error: "'remove' must be true or false." })
          .default(false)
          .describe('Removes the reaction instead of adding it.'),
      }),
      example: { message_id: EXAMPLE_ID, reaction: 'love' },
      async run(caller, { message_id, reaction, part, remove }) {
        const message = await find(caller, message_id);
        const { id } = message;
        if (!remove) return act(caller, { on: 'message', id, kind: 'react', reaction, part });
        const reactionId = await ownReactionId(read, message, reaction, part);
        if (reactionId === undefined) {
          throw conflict(`Your number has no reaction '${reaction}' on part ${part} of this message.`);
        }
        return act(caller, { on: 'message', id, kind: 'unreact', reactionId });
      },
    }),
    tool({
      ...shared,
      name: 'messages.edit',
      title: 'Edit a sent message',
      description: `Replaces the text of a message that this account sent. Messages allows it within 15 minutes after the sending and five times; the recipient can see the earlier texts. Ask the user to confirm the new text first. ${LATER}`,
      input: parameters({
        message_id: messageId,
        body: messageText('body', BODY_MAX_CHARACTERS).describe('The new text.'),
      }),
      isDestructive: true,
      example: { message_id: EXAMPLE_ID, body: 'Hello from Homing, corrected' },
      async run(caller, { message_id, body: content }) {
        const { id } = await find(caller, message_id);
        return act(caller, { on: 'message', id, kind: 'edit', content });
      },
    }),
    tool({
      ...shared,
      name: 'messages.unsend',
      title: 'Unsend a message',
      description: `Removes a message that this account sent from the devices of the recipients. Messages allows it within two minutes after the sending. Ask the user first. ${LATER}`,
      input: parameters({ message_id: messageId }),
      isDestructive: true,
      example: { message_id: EXAMPLE_ID },
      async run(caller, { message_id }) {
        const { id } = await find(caller, message_id);
        return act(caller, { on: 'message', id, kind: 'unsend' });
      },
    }),
  ];
}
