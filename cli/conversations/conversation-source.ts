/** Declares the source of conversations of a command: the local data folder, or a remote broker through its API. */
import type { NameOf } from '../message-output.ts';

/** A conversation in the output of `--json`. */
export interface ConversationOutput {
  /** `conv_…` */
  id: string;
  /** The own number. */
  phone_number: string;
  is_group: boolean;
  /** Name of the group; null: no name, or not a group. */
  name: string | null;
  participants: readonly string[];
  unread_count: number;
  total_count: number;
  /** Null: a group without messages. */
  latest_message: { id: string; direction: string; content: string; created_at: string } | null;
}

export interface ReactionOutput {
  reaction: string;
  /** The own number if outbound. */
  handle: string;
  part: number;
  created_at: string;
}

/** A message of a conversation. */
export interface ThreadMessageOutput {
  id: string;
  direction: 'inbound' | 'outbound';
  status: string;
  /** Handle of the sender; the own number if outbound. */
  sender: string;
  content: string;
  reply_to: { message_id: string | null; part: number } | null;
  effect: string | null;
  subject: string | null;
  /** Names of the files. */
  media: readonly (string | null)[];
  reactions: readonly ReactionOutput[];
  /** All versions of an edited message, the original first. */
  edits: readonly { content: string; at: string }[];
  unsent_at: string | null;
  read_at: string | null;
  created_at: string;
}

export interface GroupChangeOutput {
  kind: string;
  actor: string | null;
  value: string | null;
  at: string;
}

export interface ThreadOutput extends ConversationOutput {
  /** Oldest first. */
  messages: readonly ThreadMessageOutput[];
  /** Latest changes of a group, oldest first. */
  changes: readonly GroupChangeOutput[];
}

export interface ConversationSource {
  nameOf: NameOf;
  /** Latest activity first. */
  list(limit: number, isUnread: boolean): Promise<ConversationOutput[]>;
  /** Returns the conversation with its newest messages; undefined: the id is unknown. */
  read(id: string, limit: number): Promise<ThreadOutput | undefined>;
}

/** Number of changes of a group that a command reads. */
export const CHANGES_MAX = 50;
