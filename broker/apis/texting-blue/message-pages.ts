/** Serializes messages with their waits, groups and versions. */
import { type WaitContext, Waits, waitOf } from '../../core/dispatch/waiting.ts';
import { conversationId, conversationOf } from '../../core/model/conversation.ts';
import type { GroupChat } from '../../core/model/group-chat.ts';
import type { Message } from '../../core/model/message.ts';
import { messageVersions } from '../../core/model/message-edit.ts';
import type { Queries } from '../../core/ports/store.ts';
import type { MediaUrlOf } from './media-urls.ts';
import { serializeMessage, serializeMessageDetail } from './serializers.ts';

export interface PageContext {
  read: Queries;
  mediaUrlOf: MediaUrlOf;
  waitContext: () => WaitContext;
}

/** Reads the groups of all messages together. */
export async function groupsOf(
  read: Queries,
  messages: readonly Message[],
): Promise<(message: Message) => GroupChat | undefined> {
  const idOf = (message: Message) => conversationId(conversationOf(message));
  const ids = new Set(messages.filter(({ chat }) => chat !== null).map(idOf));
  const groups = await read.groups.ofConversations([...ids]);
  return (message) => (message.chat === null ? undefined : groups.get(idOf(message)));
}

export async function serializeMessages(
  { read, mediaUrlOf, waitContext }: PageContext,
  messages: readonly Message[],
) {
  const waits = new Waits(read, waitContext());
  const groupOf = await groupsOf(read, messages);
  const rows = [];
  for (const message of messages) {
    const state = { wait: await waits.of(message), group: groupOf(message) };
    rows.push(serializeMessage(message, mediaUrlOf, state));
  }
  return rows;
}

export async function serializeDetail({ read, mediaUrlOf, waitContext }: PageContext, message: Message) {
  const wait = await waitOf(read, message, waitContext());
  const group = (await groupsOf(read, [message]))(message);
  const edits = message.editedAt === null ? [] : await read.messageEdits.ofMessage(message.id);
  return serializeMessageDetail(message, mediaUrlOf, { wait, group, edits: messageVersions(edits) });
}
