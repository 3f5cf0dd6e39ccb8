/** Defines the streams of changes that open dashboards follow. */
import type { Tenant } from './tenant.ts';

export interface LiveStreamRequest {
  memberId: string;
  sessionId: string;
  tenant: Tenant;
}

export type LiveStreamItem =
  | { kind: 'ping' }
  /** Anything may have changed. */
  | { kind: 'all' }
  | {
      kind: 'changes';
      messages: ReadonlyArray<{ id: string; conversationId: string }>;
      topics: readonly string[];
    };

export interface LiveStream {
  items: AsyncIterable<LiveStreamItem>;
  close(): void;
}
