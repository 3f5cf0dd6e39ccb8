/** What a session writes to, whichever way the device connected. */
import type { BrokerFrame } from '../../shared/protocol.ts';

export type CloseReason = 'replaced' | 'revoked' | 'shutdown' | 'silent';

export const TRANSPORT_KINDS = ['websocket', 'poll', 'shortcut'] as const;
export type TransportKind = (typeof TRANSPORT_KINDS)[number];

export interface Transport {
  readonly kind: TransportKind;
  /** A hand-out that got lost shows: the socket breaks, or the next poll says so. */
  readonly keepsOrder: boolean;
  /** The device would get a frame that is sent now. */
  isReady(): boolean;
  send(frame: BrokerFrame): void;
  /** How many messages were handed over that the device did not know of when it said what it says now. */
  unseen(): number;
  close(reason: CloseReason): void;
  /** Does what is due (a ping, the end of a held poll). True when the device is plainly there. */
  keepAlive(now: number): boolean;
}
