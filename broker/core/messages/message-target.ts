/** Finds the recipient of a message: a handle, or a group, which is created if it is new. */
import { createGroup } from '../groups/create-group.ts';
import { conflict, invalidRequest, recipientSuppressed } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import type { GroupChat } from '../model/group-chat.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import type { SendRequest } from './send-request.ts';

export interface MessageTarget {
  /** Handle of the recipient; in a group, the key of the group. */
  handle: string;
  /** Key of the group; null: one recipient. */
  chat: string | null;
}

/** The addressee as far as it is known before the number. */
export interface Addressee {
  /** The number of the conversation, or the requested one. */
  from: string | undefined;
  group: GroupChat | undefined;
  /** One handle, or the members of a group. */
  handles: readonly string[];
  isGroup: boolean;
  /** Field of the request that has the handles, for errors. */
  field: string;
}

/** @throws HomingError if the conversation is unknown, or belongs to another number, or the number has left it */
export async function addresseeOf(
  tx: Queries,
  { id: tenantId }: Tenant,
  { to, from, rich = {}, fields }: Pick<SendRequest, 'to' | 'from' | 'rich' | 'fields'>,
): Promise<Addressee> {
  const { conversationId, participants } = rich;
  if (conversationId !== undefined) return ofConversation(tx, tenantId, conversationId, from);
  if (participants === undefined)
    return { from, group: undefined, handles: [to], isGroup: false, field: 'to' };
  const field = fields?.participants ?? 'to';
  return { from, group: undefined, handles: [...new Set(participants)], isGroup: true, field };
}

async function ofConversation(
  tx: Queries,
  tenantId: number,
  conversationId: string,
  from: string | undefined,
): Promise<Addressee> {
  const field = 'conversation_id';
  const group = await tx.groups.findByConversation(tenantId, conversationId);
  const conversation = group ?? (await tx.conversations.find(tenantId, conversationId));
  const number =
    conversation === undefined ? undefined : await tx.numbers.find(tenantId, conversation.numberId);
  if (conversation === undefined || number === undefined) {
    throw invalidRequest("'conversation_id' is not the id of a conversation of your numbers.", field);
  }
  if (from !== undefined && from !== number.phoneNumber) {
    throw invalidRequest(`'from' must be ${number.phoneNumber}, the number of the conversation.`, 'from');
  }
  if (group === undefined) {
    const handles = 'recipient' in conversation ? [conversation.recipient] : [];
    return { from: number.phoneNumber, group, handles, isGroup: false, field };
  }
  if (group.leftAt !== null) throw conflict(`${number.phoneNumber} has left this group.`);
  return { from: number.phoneNumber, group, handles: group.participants, isGroup: true, field };
}

/** @throws HomingError recipient_suppressed if the recipient or a member of the group has opted out */
export async function assertNotSuppressed(
  tx: Queries,
  tenantId: number,
  { handles, field }: Pick<Addressee, 'handles' | 'field'>,
): Promise<void> {
  const [suppressed] = await tx.suppressions.filterSuppressed(tenantId, handles);
  if (suppressed !== undefined) throw recipientSuppressed(suppressed, field);
}

/** Finds or creates the group on the number. */
export async function targetOn(
  tx: Queries,
  number: OwnNumber,
  { group, handles, isGroup, field }: Addressee,
  context: EventContext,
): Promise<MessageTarget> {
  const [handle = ''] = handles;
  if (!isGroup) return { handle, chat: null };
  const { chat } = group ?? (await groupWith(tx, number, { handles, field }, context));
  return { handle: chat, chat };
}

async function groupWith(
  tx: Queries,
  number: OwnNumber,
  { handles, field }: Pick<Addressee, 'handles' | 'field'>,
  context: EventContext,
): Promise<GroupChat> {
  const participants = handles.filter((handle) => handle !== number.phoneNumber);
  const known = await tx.groups.findByParticipants(number.id, participants);
  return known ?? createGroup(tx, number, { participants, name: null, field }, context);
}
