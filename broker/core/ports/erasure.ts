/** Queries that read and delete everything about one recipient. Each examines a bounded number of rows. */
import type { Message } from '../model/message.ts';

export interface Recipient {
  tenantId: number;
  handle: string;
}

/** Tables with rows about a recipient that no message leads to. */
export const ERASED_TABLES = [
  'events',
  'reactions',
  'message_receipts',
  'group_chats',
  'group_changes',
  'pending_items',
  'lookups',
  'tool_calls',
] as const;
export type ErasedTable = (typeof ERASED_TABLES)[number];

export interface ErasureQueries {
  /** Returns messages to and from the recipient that are not queued. Oldest first, after the id. */
  messagesWith(recipient: Recipient, page: { after: string; limit: number }): Promise<Message[]>;
  /**
   * Deletes the rows about the recipient among the next `limit` rows of the table. Returns where to continue; undefined at
   * the end.
   */
  eraseFrom(
    table: ErasedTable,
    recipient: Recipient,
    page: { after: string; limit: number },
  ): Promise<string | undefined>;
  /** Removes the handle from the participants of a group. */
  forgetParticipant(conversationId: string, handle: string): Promise<void>;
}
