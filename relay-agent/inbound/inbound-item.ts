/** A row of chat.db as the broker is told of it. */
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';

/** Undefined for a row that nobody wrote. */
export function itemOf(row: ChatRow, media: InboundItem['media']): InboundItem | undefined {
  const { handle, destination, chat, reaction, isFromMe } = row;
  // What the owner writes to a group goes to nobody by himself.
  const other = handle ?? (isFromMe ? chat : undefined);
  if (other === undefined) return undefined;
  const own = destination === undefined ? {} : { to: destination };
  return {
    guid: row.guid,
    ...(isFromMe ? { from: destination ?? 'me', to: other } : { from: other, ...own }),
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
