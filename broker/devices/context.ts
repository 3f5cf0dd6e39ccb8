/** What the APIs of devices share. */
import type { IdSource } from '../../shared/ids.ts';
import type { Dispatcher } from '../core/dispatch/dispatcher.ts';
import type { Secrets } from '../core/ports/secrets.ts';
import type { Store } from '../core/ports/store.ts';
import type { SessionRegistry } from './session-registry.ts';

/** What happens with devices, for the log. */
export type DeviceEvent =
  | { kind: 'connected' | 'disconnected'; device: string; numbers: readonly string[] }
  | { kind: 'inbound'; device: string; from: string; isNew: boolean }
  | { kind: 'failed'; device: string; message: string; code: string };

export interface DeviceContext {
  store: Store;
  dispatcher: Dispatcher;
  sessions: SessionRegistry;
  secrets: Secrets;
  ids: IdSource;
  now: () => number;
  /** How long a journaling device has for its first report before the message is given to it again. */
  leaseMs: number;
  /** How long a device without a journal has before the message counts as `unconfirmed`. */
  reportTimeoutMs: number;
  /** Texts that were sent longer ago than this are marked late. */
  lateMs: number;
  /** A link to an attachment that works until then (epoch ms). */
  linkTo(mediaId: string, until: number): string;
  onFault(error: unknown): void;
  onEvent(event: DeviceEvent): void;
}
