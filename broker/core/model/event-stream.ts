/** Defines event streams, which deliver events over an open connection. */
import type { Principal } from './api-key.ts';
import type { EventType, HomingEvent } from './event.ts';

export interface StreamRequest {
  /** The stream ends when the key is revoked or the session has ended. */
  reader: Exclude<Principal, { kind: 'operator' }>;
  /** Id of the event after which the stream starts. */
  after: string;
  types: ReadonlySet<EventType>;
  /** Limits the stream to the events of one number; null: all numbers. */
  numberId: string | null;
  /** The stream ends after the stored events. */
  isShort: boolean;
}

export type StreamItem = { kind: 'event'; event: HomingEvent } | { kind: 'ping' };

export interface EventStream {
  items: AsyncIterable<StreamItem>;
  close(): void;
}
