/** Defines the dependencies of the operations of the dashboard: one interface for each file of operations. */
import type { IncomingMessage } from 'node:http';
import type { MemberContext } from '../../core/members/sessions.ts';
import type { Passwords } from '../../core/ports/passwords.ts';
import type { Store } from '../../core/ports/store.ts';
import type { OwnOrigin } from '../../http/own-origin.ts';
import type { AuthenticationOptions } from './authenticate.ts';
import type { ChangeFeed } from './change-feed.ts';
import type { SignInThrottle } from './sign-in-throttle.ts';

export interface SessionOptions {
  store: Store;
  context: MemberContext;
  ownOrigin: OwnOrigin;
  /** Returns the address of the client, as limits count it. */
  addressOf(request: IncomingMessage): string;
  publicUrl(): string;
  version: string;
}

export interface SignInOptions extends SessionOptions {
  passwords: Passwords;
  throttle: SignInThrottle;
}

export interface MemberOptions {
  store: Store;
  context: MemberContext;
  /** Returns the address of the broker for links that the client passes on. */
  addressFor(request: IncomingMessage): string;
}

export type AdminOptions = AuthenticationOptions & SignInOptions & MemberOptions & { changeFeed: ChangeFeed };
