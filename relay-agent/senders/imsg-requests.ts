/**
 * Builds requests to imsg. Its protocol rejects unknown parameters and needs exactly one of `to`, `chat_guid` and
 * `chat_identifier`.
 */
import { isTapback } from '../../shared/capabilities.ts';
import { effectId } from '../../shared/effects.ts';
import type { Change, Recipient, Sending, Signal } from './sender.ts';

export interface ImsgRequest {
  method: string;
  parameters: Record<string, unknown>;
}

type ExistingRecipient = Exclude<Recipient, { kind: 'new_group' }>;

/** Plain text or file. `service` has no effect together with a chat. */
export function sendRequest(
  to: ExistingRecipient,
  { service, content }: Sending,
  transport?: 'applescript',
): ImsgRequest {
  return {
    method: 'send',
    parameters: {
      ...(to.kind === 'handle' ? { to: to.handle, service } : { chat_guid: to.chat }),
      ...(content.kind === 'text' ? { text: content.text } : { file: content.path }),
      ...(transport === undefined ? {} : { transport }),
    },
  };
}

/** Plain text to an existing chat; the attempt id becomes the guid of the message. */
export function trackedRequest(to: ExistingRecipient, sending: Sending): ImsgRequest {
  const { parameters } = sendRequest(to, sending);
  return { method: 'send.tracked', parameters: { ...parameters, attempt_id: sending.attemptId } };
}

/** Returns whether only the bridge of imsg can send the item. */
export function isRich({ replyTo, effect, subject, isVoiceNote }: Sending): boolean {
  return replyTo !== undefined || effect !== undefined || subject !== undefined || isVoiceNote === true;
}

/** Returns the reason why no request can express the item, or undefined. */
export function unsupportedReason(sending: Sending): string | undefined {
  const { to, service, content, effect, subject, isVoiceNote } = sending;
  if (service === 'sms' && to.kind === 'new_group') return 'imsg creates groups of iMessage only.';
  if (service === 'sms' && isRich(sending)) {
    return 'imsg sends replies, effects, subjects and voice notes by iMessage only.';
  }
  if (effect !== undefined && effectId(effect) === undefined) return `The effect '${effect}' is unknown.`;
  if (isVoiceNote !== true) return undefined;
  if (content.kind === 'text') return 'A voice note needs an audio file.';
  return effect === undefined && subject === undefined
    ? undefined
    : 'imsg sends voice notes without effects and subjects.';
}

/** `send.attachment` has neither `effect_id` nor `subject`; `send.rich` has no voice notes. */
export function richRequest(to: ExistingRecipient, sending: Sending): ImsgRequest {
  const { content, replyTo, effect, subject, isVoiceNote } = sending;
  const common = {
    ...(to.kind === 'handle' ? { chat_identifier: to.handle } : { chat_guid: to.chat }),
    ...(content.kind === 'text' ? { text: content.text } : { file: content.path }),
    ...(replyTo === undefined ? {} : { reply_to: replyTo.guid, part_index: replyTo.part }),
  };
  if (content.kind === 'file' && effect === undefined && subject === undefined) {
    return {
      method: 'send.attachment',
      parameters: { ...common, ...(isVoiceNote === true ? { audio: true } : {}) },
    };
  }
  return {
    method: 'send.rich',
    parameters: {
      ...common,
      ...(effect === undefined ? {} : { effect_id: effectId(effect) }),
      ...(subject === undefined ? {} : { subject }),
    },
  };
}

/** Creates a chat. The service of imsg for new chats is iMessage. */
export function createRequest(addresses: readonly string[], name?: string, text?: string): ImsgRequest {
  return {
    method: 'chats.create',
    parameters: {
      addresses,
      ...(name === undefined ? {} : { name }),
      ...(text === undefined ? {} : { text }),
    },
  };
}

/** Returns the reason why no request can express the change, or undefined. */
export function unsupportedChange(change: Change): string | undefined {
  if (change.kind !== 'react' && change.kind !== 'unreact') return undefined;
  // imsg ignores `part_index` together with `emoji` (its ReactionHandlers.inc, version 0.15).
  return change.of.part > 0 && !isTapback(change.reaction)
    ? 'imsg adds an emoji to the first part of a message only.'
    : undefined;
}

export function changeRequest(change: Change): ImsgRequest {
  const chat = { chat_guid: change.chat };
  switch (change.kind) {
    case 'react':
    case 'unreact':
      return {
        method: 'tapback',
        parameters: {
          ...chat,
          ...targetOf(change.of),
          // imsg replaces some emoji in `reaction` by one of the six tapbacks.
          ...(isTapback(change.reaction) ? { reaction: change.reaction } : { emoji: change.reaction }),
          ...(change.kind === 'unreact' ? { remove: true } : {}),
        },
      };
    case 'edit':
      return { method: 'message.edit', parameters: { ...chat, ...targetOf(change.of), text: change.text } };
    case 'unsend':
      return { method: 'message.unsend', parameters: { ...chat, ...targetOf(change.of) } };
    case 'rename_group':
      return { method: 'group.rename', parameters: { ...chat, name: change.name } };
    case 'add_participant':
      return { method: 'group.addParticipant', parameters: { ...chat, address: change.handle } };
    case 'remove_participant':
      return { method: 'group.removeParticipant', parameters: { ...chat, address: change.handle } };
    case 'leave_group':
      return { method: 'group.leave', parameters: chat };
  }
}

export function signalRequest({ kind, to, chat, isTyping }: Signal): ImsgRequest {
  const guid = to.kind === 'group' ? to.chat : chat;
  const target = to.kind === 'handle' && guid === undefined ? { to: to.handle } : { chat_guid: guid };
  return kind === 'typing'
    ? { method: 'typing', parameters: { ...target, typing: isTyping } }
    : { method: 'read', parameters: target };
}

function targetOf({ guid, part }: { guid: string; part: number }) {
  return { message_id: guid, part_index: part };
}
