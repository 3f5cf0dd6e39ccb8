/** Defines the streams of changes that open dashboards follow. */
import type { Tenant } from './tenant.ts';

export interface LiveStreamRequest {
  memberId: string;
  sessionId: string;
  tenant: Tenant;
}

/** A participant of a conversation began or stopped to type. */
export interface Typing {
  conversationId: string;
  handle: string;
  isTyping: boolean;
}

export type LiveStreamItem =
  | { kind: 'ping' }
  /** Anything may have changed. */
  | { kind: 'all' }
  | {
      kind: 'changes';
      messages: ReadonlyArray<{ id: string; conversationId: string }>;
      /** Ids of the groups whose name or participants changed. */
      groups: readonly string[];
      typing: readonly Typing[];
      topics: readonly string[];
    };

export interface LiveStream {
  items: AsyncIterable<LiveStreamItem>;
  close(): void;
}
