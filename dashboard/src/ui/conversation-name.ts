/** Names a conversation: the contact, or the number, or the name or the participants of a group. */
import type { Conversation, Message, Participant } from '../api/types.ts';
import { formatHandle } from './format-handle.ts';

export function conversationName({
  contactName,
  recipient,
  isGroup,
  name,
  participants,
}: Pick<Conversation, 'contactName' | 'recipient' | 'isGroup' | 'name' | 'participants'>): string {
  if (contactName !== null) return contactName;
  if (!isGroup) return formatHandle(recipient);
  return groupName(name, participants, participants.length);
}

/** `participants`: at least the first three of the group. */
export function groupName(
  name: string | null,
  participants: ReadonlyArray<Pick<Participant, 'handle' | 'contactName'>>,
  count: number,
): string {
  if (name !== null) return name;
  const shown = participants.slice(0, 3).map(participantName).join(', ');
  const rest = count - 3;
  if (shown === '') return 'Group';
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

/** The other party of a message: the sender, the recipient or the group. */
export function partyName({ direction, group, handle, senderName }: Message): string {
  if (group === null || direction === 'inbound') return senderName ?? formatHandle(handle);
  return groupName(group.name, group.participants, group.participantCount);
}

export function participantName({
  handle,
  contactName,
}: Pick<Participant, 'handle' | 'contactName'>): string {
  return contactName ?? formatHandle(handle);
}
