/** Serializes conversations for the Texting Blue API. */
import { formatId } from '../../../shared/ids.ts';
import type { Conversation } from '../../core/model/conversation.ts';
import { formatTime } from '../../http/timestamps.ts';
import { type PageContext, serializeMessages } from './message-pages.ts';

/** Reads the numbers, the groups and the waits of all conversations together. */
export async function serializeConversations(
  page: PageContext,
  tenantId: number,
  conversations: readonly Conversation[],
) {
  const latest = conversations.flatMap((conversation) => conversation.latest ?? []);
  const messages = new Map((await serializeMessages(page, latest)).map((message) => [message.id, message]));
  const rows = [];
  for (const conversation of conversations) {
    const { latest: newest, isGroup, group, participants } = conversation;
    const number =
      newest?.ownNumber ?? (await page.read.numbers.find(tenantId, conversation.numberId))?.phoneNumber;
    rows.push({
      id: formatId('conv', conversation.id),
      phone_number: number ?? '',
      is_group: isGroup,
      name: group?.name ?? null,
      participants,
      latest_message: newest === null ? null : (messages.get(formatId('msg', newest.id)) ?? null),
      unread_count: conversation.unreadCount,
      total_count: conversation.totalCount,
      created_at: formatTime(conversation.createdAt),
      updated_at: formatTime(Math.max(conversation.updatedAt, group?.updatedAt ?? 0)),
    });
  }
  return rows;
}
