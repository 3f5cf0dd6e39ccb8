/** Determines the recipient and the number of a draft: a handle, a conversation with one handle, or a group. */
import type { SendInput } from '../../../core/messages/send-messages.ts';
import type { RichOptions } from '../../../core/messages/send-request.ts';
import { conflict, invalidRequest, notFound } from '../../../core/model/errors.ts';
import type { GroupChat } from '../../../core/model/group-chat.ts';
import type { Tenant } from '../../../core/model/tenant.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { DraftInput } from './send-schemas.ts';

type Draft = Pick<
  DraftInput,
  'conversationId' | 'to' | 'numberId' | 'replyTo' | 'effect' | 'subject' | 'isVoiceNote'
>;

export interface DraftParties extends Pick<SendInput, 'to' | 'from' | 'usesDefaultNumber' | 'rich'> {
  group: GroupChat | undefined;
}

/** @throws HomingError if the conversation is unknown, its number was removed, or the number has left the group */
export async function partiesOf(queries: Queries, tenant: Tenant, draft: Draft): Promise<DraftParties> {
  const { conversationId, to, numberId } = draft;
  const conversation =
    conversationId === undefined ? undefined : await queries.conversations.find(tenant.id, conversationId);
  if (conversationId !== undefined && conversation === undefined) throw notFound('Conversation');
  const group = conversation?.group ?? undefined;
  if (group !== undefined && group.leftAt !== null) throw conflict('Your number has left this group.');
  const senderId = numberId ?? conversation?.numberId;
  const number = senderId === undefined ? undefined : await queries.numbers.find(tenant.id, senderId);
  if (senderId !== undefined && number === undefined) {
    throw invalidRequest('The number of this conversation was removed. Select another number.', 'numberId');
  }
  return {
    to: group === undefined ? (conversation?.recipient ?? to ?? '') : '',
    from: number?.phoneNumber,
    usesDefaultNumber: true,
    rich: richOf(draft, group),
    group,
  };
}

/** Undefined for a plain message to one handle. */
function richOf(
  { replyTo, effect, subject, isVoiceNote }: Draft,
  group: GroupChat | undefined,
): RichOptions | undefined {
  const isPlain = replyTo === undefined && effect === undefined && subject === undefined && !isVoiceNote;
  if (isPlain && group === undefined) return undefined;
  return { conversationId: group?.conversationId, replyTo, effect, subject, isVoiceNote };
}
