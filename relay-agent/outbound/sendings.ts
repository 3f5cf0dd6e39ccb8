/** Converts the parts of a message to what a sender sends. */
import type { DeliverItem } from '../../shared/protocol.ts';
import type { ChatDatabase } from '../chat-db/chat-database.ts';
import { withOtherPrefix } from '../chat-db/chats.ts';
import type { Journal } from '../journal/journal.ts';
import type { Content, Recipient, Sending } from '../senders/sender.ts';
import { groupOf } from './changes.ts';
import type { ItemPart } from './in-flight-item.ts';
import { targetOf } from './message-targets.ts';

interface Context {
  journal: Journal;
  chat: ChatDatabase;
}

/**
 * Returns the recipient of a part. The guid of a group has the prefix of this version of macOS; an attempt after an empty
 * row uses the other prefix.
 */
export function recipientOf(
  { chat }: Pick<Context, 'chat'>,
  item: Pick<DeliverItem, 'to' | 'chat' | 'participants' | 'chat_name'>,
  part: Pick<ItemPart, 'attempts' | 'chat'>,
): Recipient {
  if (item.to !== undefined) return { kind: 'handle', handle: item.to };
  const found = part.chat ?? groupOf(chat, item)?.guid ?? item.chat;
  if (found === undefined) {
    return { kind: 'new_group', participants: item.participants ?? [], name: item.chat_name };
  }
  return { kind: 'group', chat: part.attempts === 0 ? found : withOtherPrefix(found) };
}

/** Adds the options of the message to its parts: a reply at the first part, the effect at the last one. */
export function sendingOf(
  context: Context,
  item: DeliverItem,
  parts: readonly ItemPart[],
  { part, to, content, attemptId }: { part: ItemPart; to: Recipient; content: Content; attemptId: string },
): Sending | { problem: string } {
  const sending: Sending = { to, service: part.service, content, attemptId };
  // A fallback to SMS has none of these options.
  if (part.service === 'sms') return sending;
  const isFirst = part.index === 0;
  if (isFirst && (item.reply_to !== undefined || item.reply_to_message !== undefined)) {
    const replyTo = targetOf(context.journal, {
      guid: item.reply_to,
      message: item.reply_to_message,
      part: item.reply_part ?? 0,
    });
    if (replyTo === undefined) return { problem: 'The message of the reply was not sent by this Mac.' };
    sending.replyTo = replyTo;
  }
  const isSubjectPart = parts.some(({ kind }) => kind === 'text') ? part.kind === 'text' : isFirst;
  if (item.subject !== undefined && isSubjectPart) sending.subject = item.subject;
  if (item.effect !== undefined && part.index === parts.length - 1) sending.effect = item.effect;
  if (item.voice_note === true && part.kind === 'file') sending.isVoiceNote = true;
  return sending;
}
