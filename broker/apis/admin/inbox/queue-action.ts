/** Queues an action on a message or a group as the signed-in member, with its entry in the audit log. */
import { formatId } from '../../../../shared/ids.ts';
import { type AuditAction, recordChange } from '../../../core/members/audit.ts';
import type { ActionRequest } from '../../../core/messages/action-rules.ts';
import { conversationId, conversationOf } from '../../../core/model/conversation.ts';
import type { Message } from '../../../core/model/message.ts';
import type { ActionKind } from '../../../core/model/message-action.ts';
import { type AdminCaller, senderOf } from '../caller.ts';
import { errorResponse } from '../errors.ts';
import type { SendOptions } from '../options.ts';
import { type ActionBody, type ActionResponseBody, actionResponse } from './action-schemas.ts';

const AUDITED: Record<ActionKind, AuditAction> = {
  react: 'message.reacted',
  unreact: 'message.reaction_removed',
  edit: 'message.edited',
  unsend: 'message.unsent',
  rename_group: 'group.renamed',
  add_participant: 'group.participant_added',
  remove_participant: 'group.participant_removed',
  leave_group: 'group.left',
};

export const ACTION_RESPONSES = {
  202: { description: 'The action is queued, or was carried out at once.', schema: actionResponse },
  ...{ 400: errorResponse, 403: errorResponse, 404: errorResponse, 409: errorResponse, 429: errorResponse },
};

export async function queueAction(
  { messageSender, context }: Pick<SendOptions, 'messageSender' | 'context'>,
  caller: AdminCaller,
  request: ActionRequest,
): Promise<{ status: number; body: ActionResponseBody }> {
  const { message } = await messageSender.act(senderOf(caller), request, (tx) => {
    const target = formatId(request.on === 'message' ? 'msg' : 'conv', request.id);
    const detail = detailOf(request);
    const change = { action: AUDITED[request.kind], target, detail };
    return recordChange(tx, caller.member, change, context, caller.environment);
  });
  return { status: 202, body: { action: message === null ? null : serializeAction(message) } };
}

/** The texts of messages are not in the audit log. */
function detailOf(request: ActionRequest): Record<string, unknown> {
  switch (request.kind) {
    case 'react':
      return { reaction: request.reaction };
    case 'rename_group':
      return { name: request.name };
    case 'add_participant':
    case 'remove_participant':
      return { handle: request.handle };
    default:
      return {};
  }
}

export function serializeAction(message: Message): ActionBody | null {
  const { id, action, status, errorCode, errorMessage, createdAt } = message;
  if (action === null) return null;
  const { kind, messageId, part, value } = action;
  return {
    id: formatId('act', id),
    messageId: messageId === null ? null : formatId('msg', messageId),
    conversationId: formatId('conv', conversationId(conversationOf(message))),
    ...{ kind, part, value, status, createdAt },
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? errorCode },
  };
}
