/** Names a conversation: the contact, or the number, or the participants of a group. */
import type { Conversation, Participant } from '../api/types.ts';
import { formatHandle } from './format-handle.ts';

export function conversationName({
  contactName,
  recipient,
  isGroup,
  participants,
}: Pick<Conversation, 'contactName' | 'recipient' | 'isGroup' | 'participants'>): string {
  if (contactName !== null) return contactName;
  if (!isGroup) return formatHandle(recipient);
  const shown = participants.slice(0, 3).map(participantName).join(', ');
  const rest = participants.length - 3;
  if (shown === '') return 'Group';
  return rest > 0 ? `${shown} and ${rest} more` : shown;
}

export function participantName({
  handle,
  contactName,
}: Pick<Participant, 'handle' | 'contactName'>): string {
  return contactName ?? formatHandle(handle);
}
