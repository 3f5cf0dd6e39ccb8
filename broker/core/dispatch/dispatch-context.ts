/** Reads what a device needs beside the row of a group message, a reply or an action. A plain message needs nothing. */
import type { GroupChat } from '../model/group-chat.ts';
import type { Message } from '../model/message.ts';
import type { Queries } from '../ports/store.ts';

export interface DispatchContext {
  /** The group of the message. */
  group: Pick<GroupChat, 'guid' | 'name' | 'participants'> | undefined;
  /** Guid of the message that a reply or an action refers to; null: not known yet, or no such message. */
  targetGuid: string | null;
}

export function needsContext({ chat, replyTo, action }: Message): boolean {
  return chat !== null || replyTo !== null || action !== null;
}

export async function readContext(tx: Queries, message: Message): Promise<DispatchContext> {
  const { tenantId, numberId, chat, replyTo, action } = message;
  const group = chat === null ? undefined : await tx.groups.find(numberId, chat);
  const knownGuid = replyTo?.guid ?? null;
  const targetId = action?.messageId ?? replyTo?.messageId ?? null;
  if (knownGuid !== null || targetId === null) return { group, targetGuid: knownGuid };
  const target = await tx.messages.find(tenantId, targetId);
  return { group, targetGuid: target?.guid ?? null };
}
