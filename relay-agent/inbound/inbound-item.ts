/** Converts rows of chat.db to inbound items of the relay protocol. */
import type { InboundItem } from '../../shared/protocol.ts';
import type { ChatReaction } from '../chat-db/chat-reaction.ts';
import type { ChatRow } from '../chat-db/chat-row.ts';

/** Returns undefined for a row without a sender. */
export function inboundItemFrom(row: ChatRow, media: InboundItem['media']): InboundItem | undefined {
  const { replyTo, subject, effect, reaction, groupName, participants } = row;
  const common = commonFields(row);
  if (common === undefined) return undefined;
  return {
    ...common,
    text: reaction === undefined ? row.text : '',
    media,
    ...(groupName === undefined ? {} : { chat_name: groupName }),
    ...(participants === undefined ? {} : { participants }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo, reply_part: row.replyPart }),
    ...(effect === undefined ? {} : { effect }),
    ...(subject === undefined ? {} : { subject }),
    ...(row.isVoiceNote ? { voice_note: true } : {}),
    ...(reaction === undefined ? {} : { reaction: reactionField(reaction) }),
  };
}

/** Returns undefined for a row that changes no group. `now` is the time of a change without one, epoch ms. */
export function groupChangeItemFrom(row: ChatRow, now: number): InboundItem | undefined {
  const { chat, handle, groupChange, sentAt = now } = row;
  if (chat === undefined || groupChange === undefined) return undefined;
  const { kind, value } = groupChange;
  const change = { of: chat, kind, at: new Date(sentAt).toISOString() };
  // A change without a handle is one of the owner.
  const own = handle === undefined ? { ...row, isFromMe: true } : row;
  return changeItemFrom(own, row.guid, value === undefined ? change : { ...change, value });
}

/** Returns the item of a change of the row or of its chat; undefined for a row without a sender. */
export function changeItemFrom(
  row: ChatRow,
  guid: string,
  change: NonNullable<InboundItem['change']>,
  text = '',
): InboundItem | undefined {
  const common = commonFields(row);
  return common && { ...common, guid, text, change };
}

function commonFields(row: ChatRow): InboundItem | undefined {
  const { guid, service, handle, destination, chat, isFromMe, sentAt } = row;
  // The owner's own messages to a group have no handle; the chat is the recipient.
  const otherHandle = handle ?? (isFromMe ? chat : undefined);
  if (otherHandle === undefined) return undefined;
  const own = destination === undefined ? {} : { to: destination };
  return {
    guid,
    ...(isFromMe ? { from: destination ?? 'me', to: otherHandle } : { from: otherHandle, ...own }),
    service,
    text: '',
    media: [],
    ...(chat === undefined ? {} : { chat }),
    ...(sentAt === undefined ? {} : { sent_at: new Date(sentAt).toISOString() }),
    from_me: isFromMe,
  };
}

function reactionField({ of, part, kind, isRemoved }: ChatReaction): NonNullable<InboundItem['reaction']> {
  return { of, part, kind, removed: isRemoved };
}
