/** Converts rows of chat.db to inbound items of the relay protocol. */
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';

/** Returns undefined for a row without a sender. */
export function inboundItemFrom(row: ChatRow, media: InboundItem['media']): InboundItem | undefined {
  const { handle, destination, chat, reaction, isFromMe } = row;
  // The owner's own messages to a group have no handle; the chat is the recipient.
  const otherHandle = handle ?? (isFromMe ? chat : undefined);
  if (otherHandle === undefined) return undefined;
  const own = destination === undefined ? {} : { to: destination };
  return {
    guid: row.guid,
    ...(isFromMe ? { from: destination ?? 'me', to: otherHandle } : { from: otherHandle, ...own }),
    service: row.service,
    text: reaction === undefined ? row.text : '',
    media,
    ...(chat === undefined ? {} : { chat }),
    ...(row.groupName === undefined ? {} : { chat_name: row.groupName }),
    ...(row.replyTo === undefined ? {} : { reply_to: row.replyTo }),
    ...(reaction === undefined
      ? {}
      : { reaction: { of: reaction.of, kind: reaction.kind, removed: reaction.isRemoved } }),
    ...(row.sentAt === undefined ? {} : { sent_at: new Date(row.sentAt).toISOString() }),
    from_me: isFromMe,
  };
}
