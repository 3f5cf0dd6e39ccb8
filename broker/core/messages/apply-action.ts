/** Applies the effect of an action that a device carried out, to its message or group. */
import { applyGroupChange, ownChangeGuid } from '../groups/group-chats.ts';
import type { EventContext } from '../model/event.ts';
import type { Message } from '../model/message.ts';
import { GROUP_CHANGES, type MessageAction } from '../model/message-action.ts';
import type { Queries } from '../ports/store.ts';
import { applyEdit } from './apply-edit.ts';
import { recordReaction } from './record-reaction.ts';

/** Call after the report `sent` of the action. */
export async function applyAction(tx: Queries, sent: Message, context: EventContext): Promise<void> {
  const { action } = sent;
  if (action === null) return;
  if (action.messageId === null) await applyToGroup(tx, sent, action, context);
  else {
    const message = await tx.messages.find(sent.tenantId, action.messageId);
    if (message !== undefined) await applyToMessage(tx, message, sent, action, context);
  }
}

async function applyToMessage(
  tx: Queries,
  message: Message,
  sent: Message,
  { kind, part, value }: MessageAction,
  context: EventContext,
): Promise<void> {
  const at = context.now;
  switch (kind) {
    case 'react':
    case 'unreact': {
      const change = {
        ...{ guid: sent.guid ?? `action ${sent.id}`, target: message.guid ?? '', sender: sent.ownNumber },
        ...{ reaction: value, part, isRemoved: kind === 'unreact', at, id: sent.id },
      };
      await recordReaction(tx, message, change, context);
      return;
    }
    case 'edit':
      await applyEdit(tx, message, { kind: 'edited', at, content: value, isAction: true }, context);
      return;
    case 'unsend':
      await applyEdit(tx, message, { kind: 'unsent', at, content: '', isAction: true }, context);
      return;
    default:
  }
}

async function applyToGroup(
  tx: Queries,
  { id, numberId, tenantId, chat, ownNumber }: Message,
  { kind, value }: MessageAction,
  context: EventContext,
): Promise<void> {
  const group = chat === null ? undefined : await tx.groups.find(numberId, chat);
  const changeKind = GROUP_CHANGES[kind];
  if (group === undefined || changeKind === undefined) return;
  const change = {
    ...{ guid: ownChangeGuid(id), at: context.now, kind: changeKind, actor: ownNumber },
    value: kind === 'leave_group' ? ownNumber : value,
  };
  await applyGroupChange(tx, { id: numberId, tenantId, phoneNumber: ownNumber }, group, change, context);
}
