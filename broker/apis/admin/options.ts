/** Defines the dependencies of the operations of the dashboard: one interface for each file of operations. */
import type { MemberContext } from '../../core/members/sessions.ts';
import type { Store } from '../../core/ports/store.ts';
import type { AuthenticationOptions } from './authenticate.ts';
import type { ChangeFeed } from './change-feed.ts';

export interface SessionOptions {
  store: Store;
  context: MemberContext;
  ownOrigin: AuthenticationOptions['ownOrigin'];
  publicUrl(): string;
  version: string;
}

export type AdminOptions = AuthenticationOptions & SessionOptions & { changeFeed: ChangeFeed };
