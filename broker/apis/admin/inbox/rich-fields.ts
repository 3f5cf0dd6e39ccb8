/** Serializes what iMessage has beyond a text: the group, the reply, the reactions, and until when changes are allowed. */
import { formatId } from '../../../../shared/ids.ts';
import { conversationId, conversationOf } from '../../../core/model/conversation.ts';
import type { GroupChat } from '../../../core/model/group-chat.ts';
import type { Message } from '../../../core/model/message.ts';
import { EDIT_WITHIN_MS, UNSEND_WITHIN_MS } from '../../../core/model/message-action.ts';
import type { Queries } from '../../../core/ports/store.ts';
import type { MessageBody, ReplyTargetBody } from './message-schemas.ts';

/** Participants of a group that its title may name. */
const TITLE_PARTICIPANTS = 3;
const PREVIEW_CHARACTERS = 200;

/** Read together for all messages of a page. */
export interface Surroundings {
  /** Names of contacts by handle. */
  names: ReadonlyMap<string, string>;
  /** Groups by the id of their conversation. */
  groups: ReadonlyMap<string, GroupChat>;
  /** Messages by id to which others reply. */
  targets: ReadonlyMap<string, Message>;
}

export const NO_SURROUNDINGS: Surroundings = { names: new Map(), groups: new Map(), targets: new Map() };

const groupOf = ({ groups }: Pick<Surroundings, 'groups'>, message: Message) =>
  message.chat === null ? undefined : groups.get(conversationId(conversationOf(message)));

/** Messages that need nothing cost no query. */
export async function readSurroundings(
  read: Queries,
  tenantId: number,
  messages: readonly Message[],
): Promise<Surroundings> {
  const inGroups = messages.filter(({ chat }) => chat !== null);
  const groupIds = new Set(inGroups.map((message) => conversationId(conversationOf(message))));
  const groups = await read.groups.ofConversations([...groupIds]);
  const targetIds = new Set(messages.flatMap(({ replyTo }) => replyTo?.messageId ?? []));
  const found = targetIds.size === 0 ? [] : await read.messages.findMany(tenantId, [...targetIds]);
  const targets = new Map(found.map((message) => [message.id, message]));
  const handles = new Set([
    ...inGroups.map(({ handle }) => handle),
    ...messages.flatMap(({ reactions }) => reactions.map(({ handle }) => handle)),
    ...found.map(({ handle }) => handle),
    ...[...groups.values()].flatMap(({ participants }) => participants.slice(0, TITLE_PARTICIPANTS)),
  ]);
  return { names: await contactNames(read, tenantId, [...handles]), groups, targets };
}

export async function contactNames(
  read: Queries,
  tenantId: number,
  handles: readonly string[],
): Promise<Map<string, string>> {
  if (handles.length === 0) return new Map();
  const contacts = await read.contacts.findByHandles(tenantId, handles);
  return new Map(contacts.flatMap(({ handle, name }) => (name === null ? [] : [[handle, name] as const])));
}

type RichFields = Pick<
  MessageBody,
  | 'senderName'
  | 'group'
  | 'replyTo'
  | 'effect'
  | 'subject'
  | 'isVoiceNote'
  | 'reactions'
  | 'editableUntil'
  | 'unsendableUntil'
>;

export function richFields(message: Message, around: Surroundings): RichFields {
  const { chat, direction, handle, effect, subject, isVoiceNote, reactions } = message;
  const nameOf = (one: string) => around.names.get(one) ?? null;
  const group = groupOf(around, message);
  return {
    senderName: chat !== null && direction === 'inbound' ? nameOf(handle) : null,
    group:
      group === undefined
        ? null
        : {
            name: group.name,
            participants: group.participants
              .slice(0, TITLE_PARTICIPANTS)
              .map((one) => ({ handle: one, contactName: nameOf(one) })),
            participantCount: group.participants.length,
          },
    replyTo: replyTarget(message, around),
    ...{ effect, subject, isVoiceNote },
    reactions: reactions.map((one) => ({
      id: formatId('rct', one.id),
      reaction: one.reaction,
      handle: one.handle,
      contactName: nameOf(one.handle),
      isOwn: one.direction === 'outbound',
      part: one.part,
      createdAt: one.createdAt,
    })),
    editableUntil: changeableUntil(message, EDIT_WITHIN_MS),
    unsendableUntil: changeableUntil(message, UNSEND_WITHIN_MS),
  };
}

function replyTarget({ replyTo }: Message, { names, targets }: Surroundings): ReplyTargetBody | null {
  if (replyTo === null) return null;
  const { messageId, part } = replyTo;
  const target = targets.get(messageId ?? '');
  return {
    messageId: messageId === null ? null : formatId('msg', messageId),
    part,
    preview:
      target === undefined
        ? null
        : {
            text:
              target.retractedAt === null ? [...target.content].slice(0, PREVIEW_CHARACTERS).join('') : '',
            direction: target.direction,
            handle: target.handle,
            contactName: names.get(target.handle) ?? null,
            isUnsent: target.retractedAt !== null,
            mediaCount: target.media.length,
          },
  };
}

function changeableUntil(message: Message, withinMs: number): number | null {
  const { direction, status, sentAt, createdAt, retractedAt, service } = message;
  const isSent = direction === 'outbound' && (status === 'sent' || status === 'delivered');
  const isIMessage = service === null || service === 'imessage';
  return isSent && isIMessage && retractedAt === null ? (sentAt ?? createdAt) + withinMs : null;
}
