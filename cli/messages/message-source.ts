/** Declares the source of messages of a command: the local data folder, or a remote broker through its API. */
import type { Effect } from '../../shared/effects.ts';
import type { MessageOutput, NameOf } from '../message-output.ts';
import { CommandError, EXIT } from '../terminal.ts';

/** Exactly one field is set. */
export interface Recipient {
  /** A handle. */
  to?: string | undefined;
  /** Handles of the other members of a group. */
  participants?: readonly string[] | undefined;
  /** `conv_…` */
  conversationId?: string | undefined;
}

export interface SendRequest extends Recipient {
  /** Undefined: the number of the conversation, the only number of the account, or the number of the sandbox. */
  from: string | undefined;
  content: string;
  /** Epoch ms; undefined: immediately. */
  sendAt: number | undefined;
  /** `msg_…` */
  replyTo?: string | undefined;
  effect?: Effect | undefined;
  subject?: string | undefined;
}

/** A step in the timeline of a message, in the output of `--json`. */
export interface StepOutput {
  /** ISO 8601, UTC. Null if the source does not know the time. */
  at: string | null;
  step: string;
  status: string;
  detail: unknown;
}

export interface MessageSource {
  /** Interval between two checks for changes, in milliseconds. */
  pollIntervalMs: number;
  /** Notice for an empty list. */
  emptyNotice: string;
  /** Next step after an unknown message id. */
  notFoundHint: string;
  send(request: SendRequest): Promise<MessageOutput>;
  /** @throws an error if the message was already sent */
  cancel(id: string): Promise<MessageOutput>;
  nameOf: NameOf;
  find(id: string): Promise<MessageOutput | undefined>;
  /** Newest first. */
  newest(limit: number): Promise<MessageOutput[]>;
  /** Yields new and changed messages since `newest` was read. Never ends. */
  follow(newest: readonly MessageOutput[]): AsyncIterable<MessageOutput>;
  /** Returns the known steps of a message that `find` returned, oldest first. */
  stepsOf(message: MessageOutput): Promise<StepOutput[]>;
}

/**
 * Returns the only number of the account, the sender of a message without `--from`.
 *
 * @param sandbox option or key that sends through the sandbox, for the error message
 * @throws CommandError if the account has no number or several numbers.
 */
export function onlyNumber(numbers: readonly string[], sandbox: string): string {
  const [first, ...others] = numbers;
  if (first !== undefined && others.length === 0) return first;
  throw new CommandError(
    first === undefined
      ? `This account has no numbers. Pair a device with npx homing pair +1…, or send through the sandbox with ${sandbox}.`
      : `This account has several numbers. Select the sender with --from; allowed: ${numbers.join(', ')}.`,
    EXIT.usage,
  );
}
