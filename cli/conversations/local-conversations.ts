/** Reads the conversations of one tenant in the local data folder, with or without a running broker. */
import { Projector } from '../../broker/core/inbox/projector.ts';
import type { Conversation } from '../../broker/core/model/conversation.ts';
import type { Message } from '../../broker/core/model/message.ts';
import { type MessageEdit, messageVersions } from '../../broker/core/model/message-edit.ts';
import type { Tenant } from '../../broker/core/model/tenant.ts';
import { formatId, parseId } from '../../shared/ids.ts';
import { countSegments } from '../../shared/sms-segments.ts';
import type { LocalStore } from '../local-store.ts';
import { localNames } from '../messages/local-messages.ts';
import {
  CHANGES_MAX,
  type ConversationOutput,
  type ConversationSource,
  type ThreadMessageOutput,
} from './conversation-source.ts';

const timeOf = (at: number) => new Date(at).toISOString();
const timeOrNull = (at: number | null) => (at === null ? null : timeOf(at));

export function localConversations(local: LocalStore, tenant: Tenant): ConversationSource {
  const { store, keyContext } = local;
  const { read } = store;
  const { ids, now } = keyContext;
  const projector = new Projector({ store, context: () => ({ now: now(), ids, countSegments }) });

  const serialize = async (conversation: Conversation): Promise<ConversationOutput> => {
    const { id, numberId, isGroup, group, participants, latest } = conversation;
    const number = await read.numbers.find(tenant.id, numberId);
    return {
      id: formatId('conv', id),
      phone_number: latest?.ownNumber ?? number?.phoneNumber ?? '',
      is_group: isGroup,
      name: group?.name ?? null,
      participants,
      unread_count: conversation.unreadCount,
      total_count: conversation.totalCount,
      latest_message:
        latest === null
          ? null
          : {
              id: formatId('msg', latest.id),
              ...{ direction: latest.direction, content: latest.content },
              created_at: timeOf(latest.createdAt),
            },
    };
  };

  return {
    nameOf: localNames(local, tenant),

    async list(limit, isUnread) {
      await projector.catchUp();
      const only = isUnread ? ('unread' as const) : undefined;
      const found = await read.conversations.list({ tenantId: tenant.id, only }, { limit });
      return Promise.all(found.map(serialize));
    },

    async read(shown, limit) {
      await projector.catchUp();
      const id = parseId('conv', shown);
      const found = id === undefined ? undefined : await read.conversations.find(tenant.id, id);
      if (found === undefined || (found.latest === null && !found.isGroup)) return undefined;
      const messages = (await read.messages.thread(found, { limit })).toReversed();
      const changes = found.isGroup ? await read.groups.changesOf(found.id, CHANGES_MAX) : [];
      return {
        ...(await serialize(found)),
        messages: await Promise.all(
          messages.map(async (message) => {
            const edits = message.editedAt === null ? [] : await read.messageEdits.ofMessage(message.id);
            return toOutput(message, edits);
          }),
        ),
        changes: changes.toReversed().map(({ kind, actor, value, at }) => ({
          ...{ kind, actor, value, at: timeOf(at) },
        })),
      };
    },
  };
}

function toOutput(message: Message, edits: readonly MessageEdit[]): ThreadMessageOutput {
  const { replyTo, direction } = message;
  const versions = messageVersions(edits).filter(({ kind }) => kind !== 'unsent');
  return {
    id: formatId('msg', message.id),
    direction,
    status: message.status,
    sender: direction === 'inbound' ? message.handle : message.ownNumber,
    content: message.content,
    reply_to:
      replyTo === null
        ? null
        : {
            message_id: replyTo.messageId === null ? null : formatId('msg', replyTo.messageId),
            part: replyTo.part,
          },
    effect: message.effect,
    subject: message.subject,
    media: message.media.map(({ name }) => name),
    reactions: message.reactions.map(({ reaction, handle, part, createdAt }) => ({
      ...{ reaction, handle, part, created_at: timeOf(createdAt) },
    })),
    edits: versions.map(({ content, at }) => ({
      ...{ content, at: timeOf(at) },
    })),
    unsent_at: timeOrNull(message.retractedAt),
    read_at: timeOrNull(message.readAt),
    created_at: timeOf(message.createdAt),
  };
}
