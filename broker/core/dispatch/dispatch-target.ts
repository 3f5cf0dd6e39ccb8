/** Where messages go out: a connected device's session, or the sandbox. The hand-off knows no other. */
import type { Environment } from '../model/account.ts';
import type { Message } from '../model/message.ts';

export interface DispatchTarget {
  readonly sessionId: string;
  readonly deviceId: string;
  readonly environment: Environment;
  /** The numbers it sends for; undefined: every number of the sandbox. */
  readonly numberIds: readonly string[] | undefined;
  /** It keeps a journal, so a message may be given to it again after its lease ended. */
  readonly isJournaling: boolean;
  /** A hand-out that got lost is noticed by the carrier itself (WebSocket; a poll that confirms answers). */
  readonly keepsOrder: boolean;
  readonly leaseMs: number;
  /** What it sends for a number of its own: WhatsApp messages only, all but these, or everything. */
  channelsOf(numberId: string): 'whatsapp' | 'texts' | 'all';
  /** Whether what is handed over now would be written. */
  isReady(): boolean;
  /** How many messages it takes beyond those it has; 0 or more. */
  room(): number;
  /** The message was handed over in this session before, so that it takes no room to hand it over again. */
  wasDelivered(messageId: string): boolean;
  /** The message ended without a report: the room that it took is free again. */
  forget(messageId: string): void;
  /**
   * Hands the messages over, in order. False: the connection was gone before anything was written, so the
   * device surely never saw them.
   */
  deliver(messages: readonly Message[]): boolean;
  cancel(message: Message): void;
}
