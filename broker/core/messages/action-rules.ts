/** Converts requests to actions, and applies the rules of Messages: which messages can be changed, by whom and how long. */
import { type DispatchCapability, isTapback } from '../../../shared/capabilities.ts';
import { conflict, HomingError, invalidRequest, notFound } from '../model/errors.ts';
import { GROUP_PARTICIPANTS_MAX, type GroupChat } from '../model/group-chat.ts';
import type { Message } from '../model/message.ts';
import { EDIT_WITHIN_MS, EDITS_MAX, type MessageAction, UNSEND_WITHIN_MS } from '../model/message-action.ts';
import { messageVersions } from '../model/message-edit.ts';
import type { OwnNumber } from '../model/number.ts';
import type { Queries } from '../ports/store.ts';

/** The message or group of an action, and the action. */
export type ActionRequest =
  | { on: 'message'; id: string; kind: 'react'; reaction: string; part: number }
  | { on: 'message'; id: string; kind: 'unreact'; reactionId: string }
  | { on: 'message'; id: string; kind: 'edit'; content: string }
  | { on: 'message'; id: string; kind: 'unsend' }
  | { on: 'group'; id: string; kind: 'rename_group'; name: string }
  | { on: 'group'; id: string; kind: 'add_participant' | 'remove_participant'; handle: string }
  | { on: 'group'; id: string; kind: 'leave_group' };

export interface Action {
  action: MessageAction;
  needs: DispatchCapability;
  /** Field of the request, for errors. */
  param: string;
  expiresAt: number | null;
}

type OnMessage = Extract<ActionRequest, { on: 'message' }>;

/** @throws HomingError if Messages does not allow the action */
export async function messageAction(
  tx: Queries,
  message: Message,
  request: OnMessage,
  now: number,
): Promise<Action> {
  const base = { messageId: message.id, part: 0, value: '' };
  switch (request.kind) {
    case 'react': {
      assertReactable(message);
      const { reaction, part } = request;
      const needs = isTapback(reaction) ? 'reactions' : 'emoji_reactions';
      return {
        action: { ...base, kind: 'react', part, value: reaction },
        needs,
        param: 'reaction',
        expiresAt: null,
      };
    }
    case 'unreact': {
      const set = message.reactions.find(({ id }) => id === request.reactionId);
      if (set === undefined) throw notFound('Reaction');
      if (set.direction !== 'outbound') throw conflict('Only your own reactions can be removed.');
      const needs = isTapback(set.reaction) ? 'reactions' : 'emoji_reactions';
      const action = { ...base, kind: 'unreact' as const, part: set.part, value: set.reaction };
      return { action, needs, param: 'reaction', expiresAt: null };
    }
    case 'edit': {
      const expiresAt = changeableUntil(message, EDIT_WITHIN_MS, now, 'edited', 'within 15 minutes');
      if ((await countEdits(tx, message)) >= EDITS_MAX) {
        throw new HomingError('too_late', `A message can be edited ${EDITS_MAX} times.`);
      }
      const action = { ...base, kind: 'edit' as const, value: request.content };
      return { action, needs: 'edit', param: 'content', expiresAt };
    }
    case 'unsend': {
      const expiresAt = changeableUntil(message, UNSEND_WITHIN_MS, now, 'unsent', 'within 2 minutes');
      return { action: { ...base, kind: 'unsend' }, needs: 'unsend', param: 'id', expiresAt };
    }
  }
}

function assertReactable({ status, retractedAt }: Message): void {
  if (retractedAt !== null) throw conflict('The message was unsent.');
  if (status === 'failed') throw conflict('The message was not sent.');
}

/** Returns the end of the period in which Messages allows the change (epoch ms). */
function changeableUntil(
  { direction, status, sentAt, createdAt, retractedAt, service }: Message,
  withinMs: number,
  now: number,
  changed: string,
  period: string,
): number {
  if (direction === 'inbound') throw conflict(`Only your own messages can be ${changed}.`);
  if (retractedAt !== null) throw conflict('The message was unsent.');
  if (status !== 'sent' && status !== 'delivered') {
    throw conflict(`The message is ${status}. Only a sent message can be ${changed}.`);
  }
  if (service !== null && service !== 'imessage') {
    throw conflict(`The message was sent by ${service}. Only an iMessage can be ${changed}.`);
  }
  const until = (sentAt ?? createdAt) + withinMs;
  if (now >= until) {
    throw new HomingError('too_late', `A message can be ${changed} ${period} after it was sent.`);
  }
  return until;
}

/** Counts the edits that were made and those that are queued. */
async function countEdits(tx: Queries, { id }: Message): Promise<number> {
  const versions = messageVersions(await tx.messageEdits.ofMessage(id));
  const made = versions.filter(({ kind }) => kind === 'edited').length;
  const states = new Map<string, string>();
  for (const { kind, detail } of await tx.messages.timeline(id)) {
    if (kind === 'action' && detail?.kind === 'edit') states.set(String(detail.action), String(detail.state));
  }
  const requested = [...states.values()].filter((state) => state !== 'failed').length;
  return Math.max(made, requested);
}

type OnGroup = Extract<ActionRequest, { on: 'group' }>;

/** @throws HomingError if the group does not allow the action */
export function groupAction(
  group: GroupChat,
  { phoneNumber }: Pick<OwnNumber, 'phoneNumber'>,
  request: OnGroup,
): Action {
  if (group.leftAt !== null) throw conflict('The number has left this group.');
  const base = { messageId: null, part: 0 };
  const about = { needs: 'group_management' as const, expiresAt: null };
  switch (request.kind) {
    case 'rename_group':
      return { action: { ...base, kind: 'rename_group', value: request.name }, param: 'name', ...about };
    case 'add_participant':
    case 'remove_participant': {
      const { kind, handle } = request;
      if (kind === 'add_participant') assertAddable(group, phoneNumber, handle);
      else if (!group.participants.includes(handle)) throw notFound('Participant');
      return { action: { ...base, kind, value: handle }, param: 'handle', ...about };
    }
    case 'leave_group':
      return { action: { ...base, kind: 'leave_group', value: '' }, param: 'id', ...about };
  }
}

function assertAddable({ participants }: GroupChat, phoneNumber: string, handle: string): void {
  if (handle === phoneNumber) {
    throw invalidRequest(
      `'handle' is ${phoneNumber}, the number of the group. Give another handle.`,
      'handle',
    );
  }
  if (participants.includes(handle)) throw conflict(`${handle} is already in the group.`);
  if (participants.length >= GROUP_PARTICIPANTS_MAX) {
    throw invalidRequest(
      `The group has ${participants.length} participants. Allowed: ${GROUP_PARTICIPANTS_MAX}. Remove a participant first.`,
      'handle',
    );
  }
}
