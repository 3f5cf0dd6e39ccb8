/** Finds the conversation that a tool names by its id or by its recipient. */
import type { z } from 'zod';
import { parseId, readBareId } from '../../../shared/ids.ts';
import { type Conversation, conversationId } from '../../core/model/conversation.ts';
import { notFound } from '../../core/model/errors.ts';
import type { Queries } from '../../core/ports/store.ts';
import { phoneNumber, requiredText } from '../../http/request-schemas.ts';
import { parameters, type ToolCaller } from './tool.ts';

interface ConversationReference {
  conversation_id?: string | undefined;
  phone_number?: string | undefined;
}

/** Schema of the parameters of a tool that reads one conversation. */
export function conversationParameters<Shape extends z.ZodRawShape>(shape: Shape) {
  return parameters({
    conversation_id: requiredText('conversation_id').describe('Id of the conversation.').optional(),
    phone_number: phoneNumber('phone_number')
      .describe('Recipient of the conversation, in E.164 format.')
      .optional(),
    ...shape,
  }).refine(
    (value) => {
      const { conversation_id, phone_number } = value as ConversationReference;
      return (conversation_id === undefined) !== (phone_number === undefined);
    },
    {
      error: "Either 'conversation_id' or 'phone_number' is required, not both.",
      when: ({ value }) => typeof value === 'object' && value !== null,
    },
  );
}

/** Reads the id of a conversation, with or without the prefix `conv_`. */
export function readConversationId(shown: string): string | undefined {
  return readBareId(shown) ?? parseId('conv', shown);
}

/**
 * A recipient can have conversations with several numbers of the account; the latest one is returned.
 *
 * @throws HomingError `not_found`, also for a conversation whose messages were all deleted
 */
export async function findConversation(
  read: Queries,
  { tenant }: Pick<ToolCaller, 'tenant'>,
  { conversation_id = '', phone_number: recipient }: ConversationReference,
): Promise<Conversation> {
  const ids =
    recipient === undefined
      ? [readConversationId(conversation_id)]
      : (await read.numbers.list(tenant.id)).map((number) =>
          conversationId({ numberId: number.id, recipient }),
        );
  const found: Conversation[] = [];
  for (const id of ids) {
    const one = id === undefined ? undefined : await read.conversations.find(tenant.id, id);
    if (one !== undefined && (one.latest !== null || one.isGroup)) found.push(one);
  }
  const latestId = ({ latest }: Conversation) => latest?.id ?? '';
  const [newest] = found.sort((one, other) => (latestId(one) < latestId(other) ? 1 : -1));
  if (newest === undefined) throw notFound('Conversation');
  return newest;
}
