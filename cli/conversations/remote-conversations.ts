/** Reads the conversations of an API key at a remote broker. Lists omit the versions of edited messages. */
import pLimit from 'p-limit';
import { type Conversation, HomingApiError, type Message } from '../../client/src/index.ts';
import type { RemoteBroker } from '../remote-broker.ts';
import type { ConversationOutput, ConversationSource, ThreadMessageOutput } from './conversation-source.ts';

const PAGE = 100;
const CONCURRENT_REQUESTS = 4;

export function remoteConversations({
  homing: { conversations, messages },
}: RemoteBroker): ConversationSource {
  const throttled = pLimit(CONCURRENT_REQUESTS);

  const editsOf = async ({ id, edited_at }: Message) => {
    if (edited_at === null) return [];
    return throttled(async () => (await messages.get(id)).edits);
  };

  return {
    nameOf: async () => undefined,

    async list(limit, isUnread) {
      const filter = { limit: Math.min(limit, PAGE), ...(isUnread ? { unread: 'true' as const } : {}) };
      return (await take(conversations.all(filter), limit)).map(serialize);
    },

    async read(id, limit) {
      const found = await conversations.get(id).catch((error) => {
        if (error instanceof HomingApiError && error.code === 'not_found') return undefined;
        throw error;
      });
      if (found === undefined) return undefined;
      const newest = await take(conversations.allMessages(id, { limit: Math.min(limit, PAGE) }), limit);
      return {
        ...serialize(found),
        messages: await Promise.all(
          newest.toReversed().map(async (message) => toOutput(message, await editsOf(message))),
        ),
        changes: found.changes.toReversed(),
      };
    },
  };
}

async function take<T>(rows: AsyncIterable<T>, limit: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const row of rows) {
    taken.push(row);
    if (taken.length === limit) break;
  }
  return taken;
}

function serialize(conversation: Conversation): ConversationOutput {
  const { id, phone_number, is_group, name, participants, unread_count, total_count } = conversation;
  const { latest_message: latest } = conversation;
  return {
    ...{ id, phone_number, is_group, name, participants, unread_count, total_count },
    latest_message:
      latest === null
        ? null
        : {
            ...{ id: latest.id, direction: latest.direction, content: latest.content },
            created_at: latest.created_at,
          },
  };
}

function toOutput(message: Message, edits: ThreadMessageOutput['edits']): ThreadMessageOutput {
  const { id, direction, status, from, content, reply_to, effect, subject, media, reactions } = message;
  return {
    ...{ id, direction, status, sender: from, content, reply_to, effect, subject },
    media: media.map(({ name }) => name),
    reactions: reactions.map(({ reaction, handle, part, created_at }) => ({
      ...{ reaction, handle, part, created_at },
    })),
    edits,
    unsent_at: message.unsent_at,
    read_at: message.read_at ?? null,
    created_at: message.created_at,
  };
}
