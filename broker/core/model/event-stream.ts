/** Events as whoever holds a connection open is told of them. */
import type { Credential } from './api-key.ts';
import type { EventType, HomingEvent } from './event.ts';

export interface StreamRequest {
  credential: Credential;
  /** The event after which it begins. */
  after: string;
  types: ReadonlySet<EventType>;
  /** Only what happens with this number; null: with any. */
  numberId: string | null;
  /** Ends with what is there already. */
  isShort: boolean;
}

/** An event, or a sign of life. */
export type StreamItem = { kind: 'event'; event: HomingEvent } | { kind: 'ping' };

export interface EventStream {
  items: AsyncIterable<StreamItem>;
  close(): void;
}
