/** Creates a group by request, with its conversation. */
import { assertSupported, supportedBits } from '../capabilities/number-capabilities.ts';
import { createGroup } from '../groups/create-group.ts';
import { groupState } from '../groups/group-chats.ts';
import { emit } from '../lifecycle/emit-event.ts';
import { capabilityBits } from '../model/capability.ts';
import type { EventContext } from '../model/event.ts';
import type { GroupChat } from '../model/group-chat.ts';
import type { Tenant } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import type { TestNumbers } from '../sandbox/test-numbers.ts';
import { assertNotSuppressed } from './message-target.ts';
import { findLiveNumber, findSandboxNumber } from './sender-number.ts';

export interface GroupRequest {
  /** Undefined: the oldest number of the account that can send; in the sandbox its default sender. */
  phoneNumber: string | undefined;
  /** Field of the request that has the number, for errors. */
  numberField: string;
  participants: readonly string[];
  name: string | null;
}

/** @throws HomingError if the number cannot send to groups, or a participant has opted out */
export async function openGroup(
  tx: Queries,
  tenant: Tenant,
  { phoneNumber, numberField, participants, name }: GroupRequest,
  context: EventContext & { sandbox: TestNumbers },
): Promise<GroupChat> {
  const { now, ids, sandbox } = context;
  const number =
    tenant.environment === 'test'
      ? await findSandboxNumber(tx, tenant.id, phoneNumber, { now: () => now, ids, sandbox }, numberField)
      : await findLiveNumber(tx, tenant.id, { from: phoneNumber, usesDefaultNumber: true }, numberField);
  assertSupported(
    capabilityBits(['groups']),
    await supportedBits(tx, number, tenant.environment),
    numberField,
  );
  await assertNotSuppressed(tx, tenant.id, { handles: participants, field: 'participants' });
  const group = await createGroup(tx, number, { participants, name, field: 'participants' }, context);
  const { conversationId, chat } = group;
  const addition = { tenantId: tenant.id, numberId: number.id, recipient: chat, isGroup: true };
  await tx.conversations.add(
    conversationId,
    { ...addition, ids: [], unread: 0, participants: group.participants },
    now,
  );
  const state = groupState(group, number.phoneNumber);
  await emit(
    tx,
    {
      ...{ tenantId: tenant.id, numberId: number.id, type: 'conversation.created' },
      subject: { conversation: conversationId, messageId: null, state },
    },
    context,
  );
  return group;
}
