/** Serializes conversations for the Inkbox iMessage API. */
import { formatUuid } from '../../../shared/ids.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import type { Message } from '../../core/model/message.ts';
import { formatTime } from '../../http/timestamps.ts';
import { handleOf } from '../inkbox/serializers.ts';

export function serializeConversation(conversation: Conversation) {
  const { id, isGroup, participants, createdAt, updatedAt } = conversation;
  return {
    id: formatUuid(id),
    assignment_id: null,
    assignment_status: null,
    remote_number: handleOf(conversation),
    participants: isGroup ? participants : null,
    is_group: isGroup,
    group_creation_status: isGroup ? creationStatusOf(conversation) : null,
    created_at: formatTime(createdAt),
    updated_at: formatTime(updatedAt),
  };
}

/** `latest`: the newest message, source of the `latest_*` fields. */
export function serializeConversationRow(conversation: Conversation, latest: Message) {
  return {
    ...serializeConversation(conversation),
    latest_text: latest.content === '' ? null : latest.content,
    latest_message_at: formatTime(latest.createdAt),
    latest_direction: latest.direction,
    latest_has_media: latest.media.length > 0,
    unread_count: conversation.unreadCount,
    total_count: conversation.totalCount,
  };
}

function creationStatusOf({ group, latest }: Conversation): 'creating' | 'not_created' | 'ready' {
  // A group without a stored row was reported by a device.
  if (group === null || group.guid !== null) return 'ready';
  return latest === null || latest.status === 'failed' ? 'not_created' : 'creating';
}
