/**
 * Defines a sender: a program that controls Messages, such as AppleScript, imsg or BlueBubbles.
 *
 * - A sender is asked for its capabilities, never for its version.
 * - No method rejects. Only chat.db shows whether an accepted item was carried out.
 */
import { type Capability, type DispatchCapability, isTapback } from '../../shared/capabilities.ts';

export type SenderName = 'imsg' | 'bluebubbles' | 'osascript';

export type Recipient =
  /** A phone number or an e-mail address. */
  | { kind: 'handle'; handle: string }
  /** An existing group; `chat` is its guid in chat.db (`…;+;chat123`). */
  | { kind: 'group'; chat: string }
  /** A group that the sender creates. */
  | { kind: 'new_group'; participants: readonly string[]; name: string | undefined };

/** The file is in a folder that Messages may read, under the name that the recipient sees. */
export type Content = { kind: 'text'; text: string } | { kind: 'file'; path: string };

/** Part of a message, counted from 0. */
export interface MessageTarget {
  guid: string;
  part: number;
}

export interface Sending {
  to: Recipient;
  service: 'imessage' | 'sms';
  content: Content;
  /** UUID in lower case. A sender that tracks the send makes it the guid of the message. */
  attemptId: string;
  replyTo?: MessageTarget;
  /** Name of the effect; shared/effects.ts has the ids. */
  effect?: string;
  subject?: string;
  /** The file is an audio message. */
  isVoiceNote?: boolean;
}

/** A change of a message or a group. `chat` is the guid of its chat. */
export type Change = { chat: string } & (
  | { kind: 'react' | 'unreact'; of: MessageTarget; reaction: string }
  | { kind: 'edit'; of: MessageTarget; text: string }
  | { kind: 'unsend'; of: MessageTarget }
  | { kind: 'rename_group'; name: string }
  | { kind: 'add_participant' | 'remove_participant'; handle: string }
  | { kind: 'leave_group' }
);

/** `chat` is undefined while no chat with the handle exists. */
export interface Signal {
  kind: 'typing' | 'read';
  to: Exclude<Recipient, { kind: 'new_group' }>;
  chat: string | undefined;
  /** For `typing`. */
  isTyping: boolean;
}

/**
 * - `accepted`: the sender accepted the item. `guid` is that of the message, `chat` that of its chat, if known.
 * - `rejected`: nothing was sent. Another sender may try.
 * - `unknown`: the item may have been sent.
 */
export type SendOutcome =
  | { kind: 'accepted'; guid?: string; chat?: string }
  | { kind: 'rejected'; code: 'permission_denied' | 'device_error' | 'unsupported'; problem: string }
  | { kind: 'unknown'; problem: string };

/** A missing capability or a problem of a sender, with the next step. */
export interface SenderGap {
  problem: string;
  fix: string;
}

export interface SenderState {
  /** False: the sender sends nothing at the moment, or sends worse than any other. */
  isReady: boolean;
  version: string | undefined;
  capabilities: readonly Capability[];
  canCreateGroups: boolean;
  gaps: readonly SenderGap[];
}

export interface Sender {
  readonly name: SenderName;
  /** Determines the state. Starts no program that the owner has not started, except the own one of the sender. */
  probe(): Promise<SenderState>;
  send(sending: Sending): Promise<SendOutcome>;
  /** Undefined: the sender has none of the capabilities of changes. */
  change?(change: Change): Promise<SendOutcome>;
  /** Undefined: the sender has neither `typing` nor `read_receipts`. */
  signal?(signal: Signal): Promise<void>;
  /** Undefined: the sender does not have `lookup`. */
  lookUp?(handle: string): Promise<'imessage' | 'sms' | 'unknown'>;
  /** Returns the result of a tracked send without a response. Undefined: the sender tracks no sends. */
  statusOf?(attemptId: string): Promise<'sent' | 'failed' | 'unknown'>;
  close(): void;
}

/** Returns the capabilities that a sender needs for the part of a message. */
export function needsOfSending({
  to,
  replyTo,
  effect,
  subject,
  isVoiceNote,
}: Pick<Sending, 'to' | 'replyTo' | 'effect' | 'subject' | 'isVoiceNote'>): DispatchCapability[] {
  const needs: DispatchCapability[] = [];
  if (to.kind !== 'handle') needs.push('groups');
  if (replyTo !== undefined) needs.push('replies');
  if (effect !== undefined) needs.push('effects');
  if (subject !== undefined) needs.push('subject');
  if (isVoiceNote === true) needs.push('voice_notes');
  return needs;
}

/** Returns the capability that a sender needs for the change. */
export function needOfChange(change: Pick<Change, 'kind'> & { reaction?: string }): DispatchCapability {
  switch (change.kind) {
    case 'react':
    case 'unreact':
      return isTapback(change.reaction ?? '') ? 'reactions' : 'emoji_reactions';
    case 'edit':
    case 'unsend':
      return change.kind;
    case 'rename_group':
    case 'add_participant':
    case 'remove_participant':
    case 'leave_group':
      return 'group_management';
  }
}

/** Returns the address of an existing chat or of a person, as in the arguments of a sender. */
export function addressOf(to: Exclude<Recipient, { kind: 'new_group' }>): string {
  return to.kind === 'handle' ? to.handle : to.chat;
}
