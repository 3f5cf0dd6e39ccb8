/** Defines how a session writes to its device: over a WebSocket, a long-poll or a request of a shortcut. */
import type { BrokerFrame } from '../../shared/protocol.ts';
import type { TransportKind } from '../core/model/device-health.ts';
import type { Queries } from '../core/ports/store.ts';

/**
 * `outdated`: the hello was applied after that of a newer session, so the device begins another one. `stopped`: the run of
 * the shortcut must end.
 */
export type CloseReason = 'replaced' | 'revoked' | 'outdated' | 'stopped' | 'shutdown' | 'silent' | 'abuse';

/** Maximum time that the broker waits for the next run of an iPhone whose journal may contain the report. */
export const JOURNAL_WAIT_MS = 24 * 3_600_000;

export interface Transport {
  readonly kind: TransportKind;
  /** The transport detects a lost delivery: the socket breaks, or the next poll reports the loss. */
  readonly keepsOrder: boolean;
  /** Replaces the report timeout of the settings. */
  readonly reportTimeoutMs?: number | undefined;
  /** Called in the transaction of each hello. Returns false if the session must not begin. */
  admit?(tx: Queries): Promise<boolean>;
  /** Whether a frame sent now reaches the device. */
  isReady(): boolean;
  send(frame: BrokerFrame): void;
  /** Number of sent messages and actions that the device had not received when it sent the current request. */
  unseen(): number;
  close(reason: CloseReason): void;
  /** Sends a due ping and ends an expired poll. Returns true if the device is certainly connected. */
  keepAlive(monotonicNow: number): boolean;
}
