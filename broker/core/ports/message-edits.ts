/** Queries of the versions of edited messages, and of receipts of single participants. */
import type { Message } from '../model/message.ts';
import type { MessageEdit } from '../model/message-edit.ts';

export interface MessageEditQueries {
  /** Returns false if the version was stored before. */
  insert(message: Message, edit: MessageEdit): Promise<boolean>;
  remove(message: Message, edit: MessageEdit): Promise<void>;
  /** Returns all reports, oldest first; see `messageVersions`. */
  ofMessage(messageId: string): Promise<MessageEdit[]>;
}

export interface Receipt {
  handle: string;
  /** Epoch ms. */
  deliveredAt: number | null;
  readAt: number | null;
}

export interface ReceiptQueries {
  /** Stores the earliest times. Returns whether the receipt is new or has a new time. */
  put(message: Message, receipt: Receipt): Promise<boolean>;
  ofMessages(messageIds: readonly string[]): Promise<Map<string, Receipt[]>>;
}

/** Items of a device about a message that is not stored yet. */
export interface PendingItemQueries {
  /** Stores nothing if 1,000 items wait for the message. */
  put(numberId: string, target: string, guid: string, item: unknown, at: number): Promise<void>;
  /** Removes and returns the items about the messages with these guids, in the order of their arrival. */
  take(numberId: string, targets: readonly string[]): Promise<unknown[]>;
  /** Deletes up to `limit` items from before the time (epoch ms). Returns the number of deletions. */
  purge(before: number, limit: number): Promise<number>;
}
