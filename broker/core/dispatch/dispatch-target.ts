/** Describes where messages are dispatched: a device session, a provider or the sandbox. */

import type { Message } from '../model/message.ts';
import type { Environment } from '../model/tenant.ts';
import type { Queries } from '../ports/store.ts';
import type { DispatchContext } from './dispatch-context.ts';

export interface DispatchTarget {
  readonly sessionId: string;
  readonly deviceId: string;
  readonly environment: Environment;
  /** Numbers for which the target sends; undefined: every number of the sandbox. */
  readonly numberIds: readonly string[] | undefined;
  /** The target keeps a journal, so the broker may deliver a message again after its lease expired. */
  readonly isJournaling: boolean;
  /** The transport detects a lost delivery (WebSocket; long-poll with confirmed responses). */
  readonly keepsOrder: boolean;
  readonly leaseMs: number;
  /** Bits of its capabilities; see core/model/capability.ts. */
  readonly capabilityBits: number;
  /** Channels that the target sends for a number: WhatsApp only, everything except WhatsApp, or everything. */
  channelsOf(numberId: string): 'whatsapp' | 'texts' | 'all';
  /** Whether the target may receive messages. Called in the transaction of the lease, so it sees a revocation. */
  isPermitted(tx: Queries): Promise<boolean>;
  /** Whether a message delivered now reaches the connection. */
  isReady(): boolean;
  /** Number of further messages that the target accepts, 0 or more. */
  room(): number;
  /**
   * Number of further messages that the target accepts from a number, or from a number to a recipient. A target of one
   * account needs no such limit and returns Infinity.
   */
  roomFor(numberId: string, handle?: string): number;
  /** Recipients for whom `roomFor` is 0. */
  busyRecipients(numberId: string): readonly string[];
  /** Whether this session received the message before. A repeated delivery takes no room. */
  wasDelivered(messageId: string): boolean;
  /** Returns the room of a message that ended without a report. */
  forget(messageId: string): void;
  /**
   * Writes the messages in order. `contexts` has an entry, by id, for each message that needs one. Returns false if the
   * connection closed before anything was written.
   */
  deliver(messages: readonly Message[], contexts: ReadonlyMap<string, DispatchContext>): boolean;
  cancel(message: Message): void;
}
