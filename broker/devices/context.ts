/** Defines the dependencies that the device APIs share. */
import type { IdSource } from '../../shared/ids.ts';
import type { MinuteLimit } from '../core/accounts/minute-limit.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Cluster } from '../core/ports/cluster.ts';
import type { Secrets } from '../core/ports/secrets.ts';
import type { Store } from '../core/ports/store.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import type { SessionRegistry } from './session-registry.ts';
import type { TypingEvents } from './typing-events.ts';

/** An event of a device, for the log. */
export type DeviceEvent =
  | { kind: 'connected' | 'disconnected'; device: string; numbers: readonly string[] }
  | { kind: 'abusive'; device: string; problem: string }
  | { kind: 'inbound'; device: string; from: string; isNew: boolean }
  | { kind: 'failed'; device: string; message: string; code: string };

export interface DeviceContext {
  store: Store;
  cluster: Cluster;
  dispatcher: Dispatcher;
  sessions: SessionRegistry;
  typing: TypingEvents;
  secrets: Secrets;
  ids: IdSource;
  now: () => number;
  /** Milliseconds on a clock that is never set. For liveness, waits and leases. */
  monotonicNow: () => number;
  failedTokens: FailedAttempts;
  failedCodes: FailedAttempts;
  /** Counts the polls of each device. */
  pollLimit: MinuteLimit;
  /** Time without a report after which a message is delivered again to a device with a journal. */
  leaseMs: number;
  /** Time without a report after which a message on a device without a journal ends `unconfirmed`. */
  reportTimeoutMs: number;
  /** Age at which an inbound message is marked late. */
  lateMs: number;
  /** Returns a link to an attachment that expires at `until` (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  onFault(error: unknown): void;
  onEvent(event: DeviceEvent): void;
}
