/** Serializes actions on messages and groups. */
import { formatId } from '../../../shared/ids.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import type { MessageAction } from '../../core/model/message-action.ts';
import { formatTime } from '../../http/timestamps.ts';
import { serializeReaction } from './rich-fields.ts';

export type QueuedAction = Message & { action: MessageAction };

export function isAction(message: Message): message is QueuedAction {
  return message.action !== null;
}

export function serializeAction(message: QueuedAction) {
  const { action } = message;
  return {
    id: formatId('act', message.id),
    kind: action.kind,
    message_id: action.messageId === null ? null : formatId('msg', action.messageId),
    conversation_id: formatId('conv', conversationId(conversationOf(message))),
    value: action.value === '' ? null : action.value,
    status: message.status,
    error_code: message.errorCode,
    error_message: message.errorMessage,
    created_at: formatTime(message.createdAt),
  };
}

/** The headers of a response that queues an action. */
export const actionHeaders = ({ id }: Pick<QueuedAction, 'id'>) => ({
  location: `/v1/actions/${formatId('act', id)}`,
});

/** The reaction that an action sends. Its id is that of the reaction from the start. */
export function serializeQueuedReaction({ id, ownNumber, action, createdAt, status }: QueuedAction) {
  const reaction = { id, reaction: action.value, handle: ownNumber, part: action.part, createdAt };
  return {
    ...serializeReaction({ ...reaction, direction: 'outbound' }),
    message_id: formatId('msg', action.messageId ?? ''),
    action_id: formatId('act', id),
    status,
  };
}
