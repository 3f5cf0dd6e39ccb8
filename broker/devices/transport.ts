/** Defines how a session writes to its device: over a WebSocket, a long-poll or a request of a shortcut. */
import type { BrokerFrame } from '../../shared/protocol.ts';

export type CloseReason = 'replaced' | 'revoked' | 'shutdown' | 'silent' | 'abuse';

export const TRANSPORT_KINDS = ['websocket', 'poll', 'shortcut'] as const;
export type TransportKind = (typeof TRANSPORT_KINDS)[number];

export interface Transport {
  readonly kind: TransportKind;
  /** The transport detects a lost delivery: the socket breaks, or the next poll reports the loss. */
  readonly keepsOrder: boolean;
  /** Whether a frame sent now reaches the device. */
  isReady(): boolean;
  send(frame: BrokerFrame): void;
  /** Number of sent messages that the device had not received when it sent the current request. */
  unseen(): number;
  close(reason: CloseReason): void;
  /** Sends a due ping and ends an expired poll. Returns true if the device is certainly connected. */
  keepAlive(monotonicNow: number): boolean;
}
