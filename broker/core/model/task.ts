/** Defines background tasks: changes of many rows that run in small transactions. */

export type TaskKind =
  /** Cancels the messages of a removed number. The subject is the number. */
  | 'remove_number'
  /** Cancels the queued messages to a handle that opted out. The subject is the tenant and the handle. */
  | 'opt_out'
  /** Deletes the deliveries of a removed webhook, then the webhook. The subject is the webhook. */
  | 'remove_webhook'
  /** Sets the pending deliveries of an inactive webhook to failed. The subject is the webhook. */
  | 'fail_deliveries'
  /** Decides again about deferred messages. The subject is the number, or the number and the handle. */
  | 'reconsider_deferred'
  /** Erases everything about a recipient. The subject is the tenant and the handle. */
  | 'erase_recipient';

export interface Task {
  kind: TaskKind;
  subject: string;
  /** The task changes only rows with a lower id, so that later rows are not affected. */
  beforeId: string;
  /** Where the next step continues; empty at the beginning. */
  position: string;
}
