/**
 * Defines the actions on messages and groups. An action is queued, leased, reported, cancelled and expired like a message,
 * in the order of its conversation.
 */

import type { GroupChangeKind } from './group-chat.ts';

export const ACTION_KINDS = [
  'react',
  'unreact',
  'edit',
  'unsend',
  'rename_group',
  'add_participant',
  'remove_participant',
  'leave_group',
] as const;
export type ActionKind = (typeof ACTION_KINDS)[number];

export interface MessageAction {
  kind: ActionKind;
  /** Id of the message; null: the action changes a group. */
  messageId: string | null;
  /** Text or file of the message, counted from 0. */
  part: number;
  /** The reaction, the new text, the name of the group or the handle; empty: none. */
  value: string;
}

/** The change of the group that an action makes. */
export const GROUP_CHANGES: Partial<Record<ActionKind, GroupChangeKind>> = {
  rename_group: 'named',
  add_participant: 'joined',
  remove_participant: 'left',
  leave_group: 'left',
};

/** Apple: the time after the sending in which a message can be edited, and in which it can be unsent. */
export const EDIT_WITHIN_MS = 15 * 60_000;
export const UNSEND_WITHIN_MS = 2 * 60_000;
export const EDITS_MAX = 5;
