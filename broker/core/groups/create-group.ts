/** Creates groups. A group exists in Messages after its first message. */

import { conversationId } from '../model/conversation.ts';
import { invalidRequest } from '../model/errors.ts';
import type { EventContext } from '../model/event.ts';
import { createdChat, GROUP_PARTICIPANTS_MAX, type GroupChat } from '../model/group-chat.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Queries } from '../ports/store.ts';

export interface NewGroup {
  participants: readonly string[];
  name: string | null;
  /** Field of the request that has the participants, for errors. */
  field: string;
}

/** @throws HomingError if there are fewer than two participants besides the own number, or too many */
export async function createGroup(
  tx: Queries,
  { id: numberId, tenantId, phoneNumber }: OwnNumber,
  { participants, name, field }: NewGroup,
  { now, ids }: EventContext,
): Promise<GroupChat> {
  const others = [...new Set(participants)].filter((handle) => handle !== phoneNumber).toSorted();
  if (others.length < 2 || others.length > GROUP_PARTICIPANTS_MAX) {
    throw invalidRequest(
      `A group has 2 to ${GROUP_PARTICIPANTS_MAX} different participants besides ${phoneNumber}. Given: ${others.length}.`,
      field,
    );
  }
  const chat = createdChat(ids());
  const group: GroupChat = {
    ...{ numberId, tenantId, chat, guid: null, name, namedAt: name === null ? 0 : now },
    conversationId: conversationId({ numberId, recipient: chat }),
    participants: others,
    members: others.map((handle) => ({ handle, isMember: true, at: now })),
    ...{ listedAt: now, leftAt: null, createdAt: now, updatedAt: now },
  };
  await tx.groups.insert(group);
  await tx.groups.addChange(group, {
    ...{ guid: `created ${chat}`, at: now, kind: 'created', actor: phoneNumber, value: name },
  });
  return group;
}
